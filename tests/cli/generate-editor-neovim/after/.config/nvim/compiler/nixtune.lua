-- A compiler for Neovim: `:compiler nixtune`, then `:make` lints the working directory and `:make %`
-- the file; `:copen` lists what is reported, `:cnext` goes to it.
if vim.g.current_compiler then
  return
end
vim.g.current_compiler = "nixtune"

local function set(option, value)
  vim.cmd("CompilerSet " .. option .. "=" .. vim.fn.escape(value, ' \\|"'))
end

set("makeprg", "nixtune lint --color never")
set("errorformat", table.concat({
  -- A headline of one or more lines, then the place; a terminal without box drawing has `,-`.
  [=[%Z%*[ ]╭─[%f:%l:%c]]=],
  [=[%Z%*[ ]\,-[%f:%l:%c]]=],
  "%Eerror%m",
  "%Wwarning%m",
  "%Iinfo%m",
  "%C  %m",
  -- All else is for reading.
  "%-G%.%#",
}, ","))
