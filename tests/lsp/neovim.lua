-- Opens a file with the server attached, as docs/how-to/editors.md sets it up, and writes what
-- Neovim has got from it, as JSON: one answer a key.
local configured, file, result = unpack(vim.split(vim.env.LRDSL_NEOVIM, "\n"))
vim.o.swapfile = false
dofile(configured)
vim.cmd("edit " .. vim.fn.fnameescape(file))

local found = {}
local function diagnostics()
  return vim.tbl_map(function(one)
    return { line = one.lnum, column = one.col, severity = one.severity, message = one.message }
  end, vim.diagnostic.get(0))
end
local function wait(condition)
  assert(vim.wait(60000, condition, 20), "nothing came within a minute")
end
local function ask(method, change)
  local params = vim.tbl_extend("force", vim.lsp.util.make_position_params(), change or {})
  for _, one in pairs(vim.lsp.buf_request_sync(0, method, params, 60000) or {}) do
    return one.result
  end
end

wait(function() return #vim.diagnostic.get(0) > 0 end)
found.diagnostics = diagnostics()

vim.api.nvim_buf_set_lines(0, 0, -1, false, { "let peak=.4", "warmup( 5ep )>>cosine(85ep,peak)" })
wait(function() return #vim.diagnostic.get(0) == 0 end)
vim.api.nvim_win_set_cursor(0, { 2, 18 })
found.hover = ask("textDocument/hover").contents.value
found.definition = ask("textDocument/definition").uri
vim.api.nvim_win_set_cursor(0, { 2, 29 })
found.peak = ask("textDocument/definition").range.start
found.completions = vim.tbl_map(function(one) return one.label end,
  ask("textDocument/completion").items)

if vim.lsp.buf.format then vim.lsp.buf.format() else vim.lsp.buf.formatting_sync(nil, 60000) end
found.formatted = vim.api.nvim_buf_get_lines(0, 0, -1, false)
vim.api.nvim_win_set_cursor(0, { 1, 4 })
vim.lsp.buf.rename("top")
wait(function() return vim.api.nvim_buf_get_lines(0, 0, 1, false)[1] == "let top = .4" end)
found.renamed = vim.api.nvim_buf_get_lines(0, 0, -1, false)

local out = assert(io.open(result, "w"))
out:write(vim.fn.json_encode(found))
out:close()
vim.cmd("qall!")
