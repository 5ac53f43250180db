-- Neovim as a client of the language server: opens a file, waits for its diagnostics, looks at what
-- stands at a place, takes a fix, completes a name, and leaves. What it saw goes to $ANSWER as JSON.
-- 0.7 has no vim.lsp.start: the client is started and attached by hand.

local answer = {}
local patience = 120000

local function finish(problem)
  answer.problem = problem
  vim.fn.writefile({ vim.fn.json_encode(answer) }, vim.env.ANSWER)
  vim.cmd('qall!')
end

local function wait(what, condition)
  if not vim.wait(patience, condition, 10) then
    error('waited for ' .. what)
  end
end

local function run()
  local file = vim.env.FILE
  vim.cmd('edit ' .. vim.fn.fnameescape(file))
  local buffer = vim.api.nvim_get_current_buf()
  local id = vim.lsp.start_client({
    name = 'nixtune',
    cmd = { 'nixtune', 'lsp' },
    root_dir = vim.fn.fnamemodify(file, ':h'),
    workspace_folders = nil,
    on_exit = function(code, signal)
      answer.exit = { code, signal }
    end,
  })
  vim.lsp.buf_attach_client(buffer, id)
  wait('the handshake', function()
    local client = vim.lsp.get_client_by_id(id)
    return client and client.initialized
  end)
  local client = vim.lsp.get_client_by_id(id)
  answer.encoding = client.offset_encoding

  local function shown()
    local all = {}
    for _, one in ipairs(vim.diagnostic.get(buffer)) do
      table.insert(all, {
        code = one.code,
        line = one.lnum,
        column = one.col,
        end_column = one.end_col,
        severity = one.severity,
        source = one.source,
      })
    end
    table.sort(all, function(one, other)
      return one.line * 1000 + one.column < other.line * 1000 + other.column
    end)
    return all
  end
  wait('diagnostics', function()
    return #vim.diagnostic.get(buffer) > 0
  end)
  answer.first = shown()

  local function ask(method, params)
    local reply, problem = client.request_sync(method, params, patience, buffer)
    if not reply then
      error(method .. ': ' .. tostring(problem))
    end
    if reply.err then
      error(method .. ': ' .. vim.inspect(reply.err))
    end
    return reply.result
  end

  -- At the alias: hover.
  vim.fn.search('gc-keep-outputs')
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  local hover = ask('textDocument/hover', params)
  answer.hover = vim.lsp.util.convert_input_to_markdown_lines(hover.contents)

  -- What can be done there; the first one is preferred, and taken.
  local range = vim.lsp.util.make_range_params(0, client.offset_encoding)
  range.context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(buffer) }
  local actions = ask('textDocument/codeAction', range)
  answer.actions = vim.tbl_map(function(action)
    return action.title
  end, actions)
  answer.preferred = actions[1].isPreferred
  vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
  answer.mended = vim.api.nvim_buf_get_lines(buffer, 0, -1, true)
  wait('one diagnostic less', function()
    return #vim.diagnostic.get(buffer) == #answer.first - 1
  end)
  answer.after = shown()

  -- All safe fixes at once, by the name that editors run on save.
  range = vim.lsp.util.make_given_range_params(
    { 1, 0 }, { vim.api.nvim_buf_line_count(buffer), 0 }, buffer, client.offset_encoding)
  range.context = { diagnostics = {}, only = { 'source.fixAll' } }
  local all = ask('textDocument/codeAction', range)
  vim.lsp.util.apply_workspace_edit(all[1].edit, client.offset_encoding)
  answer.all_mended = vim.api.nvim_buf_get_lines(buffer, 0, -1, true)

  -- Typing, key by key, behind wide characters: a new line, and what may stand there.
  local last = vim.fn.search('wide')
  vim.api.nvim_buf_set_lines(buffer, last, last, true, { '' })
  local text = '    /* 😀ö */ max-'
  for position = 1, vim.fn.strchars(text) do
    vim.api.nvim_buf_set_lines(buffer, last, last + 1, true, { vim.fn.strcharpart(text, 0, position) })
  end
  vim.api.nvim_win_set_cursor(0, { last + 1, #text })
  params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  -- The cursor of normal mode stands on a character; completion is asked for behind it.
  params.position.character = vim.str_utfindex(text)
  if client.offset_encoding == 'utf-16' then
    local _, units = vim.str_utfindex(text)
    params.position.character = units
  end
  local completed = ask('textDocument/completion', params)
  answer.labels = vim.tbl_map(function(item)
    return item.label
  end, completed.items or completed)
  for _, item in ipairs(completed.items or completed) do
    if item.label == 'max-jobs' then
      vim.lsp.util.apply_text_edits({ item.textEdit }, buffer, client.offset_encoding)
    end
  end
  answer.completed = vim.api.nvim_buf_get_lines(buffer, last, last + 1, true)[1]

  client.stop()
  wait('the server to end', function()
    return answer.exit ~= nil
  end)
end

local ok, problem = xpcall(run, debug.traceback)
finish(not ok and problem or nil)
