-- A compiler for Neovim: `:compiler nixtune`, then `:make` lints the working directory and `:make %`
-- the file; `:copen` lists what is reported, `:cnext` goes to it.
if vim.g.current_compiler then
  return
end
vim.g.current_compiler = "nixtune"

local function set(option, value)
  vim.cmd("CompilerSet " .. option .. "=" .. vim.fn.escape(value, ' \\|"'))
end

set("makeprg", "nixtune lint --format concise")
set("errorformat", table.concat({
  "%E%f:%l:%c: error%m",
  "%W%f:%l:%c: warning%m",
  "%I%f:%l:%c: info%m",
  -- All else is for reading.
  "%-G%.%#",
}, ","))
