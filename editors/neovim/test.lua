-- Drives Neovim through a session: `nvim --headless -u NONE -S editors/neovim/test.lua`, in a folder with
-- `rules/a.tacit` and `k8s/pod.yaml`; TACIT is the binary, EDITORS the folder of this file's parent. Prints one line of JSON.
vim.o.swapfile = false
local tacit = dofile(vim.env.EDITORS .. "/neovim/tacit.lua")
tacit.setup({ cmd = { vim.env.TACIT, "lsp" } })

local function wait(what, done)
  if not vim.wait(20000, done, 20) then
    io.stdout:write("gave up waiting for " .. what .. "\n")
    vim.cmd("cquit 1")
  end
end

local function messages(buffer)
  local found = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
    table.insert(found, diagnostic.message)
  end
  return found
end

local function ask(buffer, method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 20000)
  for _, answer in pairs(answers or {}) do
    return answer.result
  end
end

local out = {}
vim.cmd("edit rules/a.tacit")
local rules = vim.api.nvim_get_current_buf()
wait("errors in the rule", function() return #messages(rules) > 0 end)
out.before = messages(rules)

-- The quick fix of the misspelt field, applied as the editor does.
local line = vim.diagnostic.get(rules)[1].lnum
local column = vim.diagnostic.get(rules)[1].col
vim.api.nvim_win_set_cursor(0, { line + 1, column })
local params = vim.lsp.util.make_range_params()
params.context = { diagnostics = {} }
local action = ask(rules, "textDocument/codeAction", params)[1]
out.action = action.title
vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
wait("the errors to go", function() return #messages(rules) == 0 end)

vim.api.nvim_win_set_cursor(0, { line + 1, column })
out.hover = ask(rules, "textDocument/hover", vim.lsp.util.make_position_params()).contents.value
local items = ask(rules, "textDocument/completion", vim.lsp.util.make_position_params()).items
out.completion = {}
for _, item in ipairs(items) do
  if item.label == "hostNetwork" or item.label == "hostPID" then
    table.insert(out.completion, item.label)
  end
end

vim.cmd("write")
vim.cmd("edit k8s/pod.yaml")
local pod = vim.api.nvim_get_current_buf()
wait("findings in the manifest", function() return #messages(pod) > 0 end)
out.findings = messages(pod)
out.text = table.concat(vim.api.nvim_buf_get_lines(rules, 0, -1, false), "\n")
io.stdout:write(vim.json.encode(out) .. "\n")
vim.cmd("qall!")
