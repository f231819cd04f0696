-- Tacit for Neovim 0.7 and later: `require("tacit").setup()`, with this file on the Lua path.
local M = {}

local patterns = { "*.tacit", "tacit.toml", "*.yaml", "*.yml", "*.json" }

--- The directory of the nearest project file, or of the repository, or of the file itself.
local function root_of(path)
  local dir = vim.fn.fnamemodify(path, ":p:h")
  local function up(name)
    local found = vim.fn.findfile(name, dir .. ";")
    if found == "" then
      found = vim.fn.finddir(name, dir .. ";")
    end
    return found ~= "" and vim.fn.fnamemodify(found, ":p:h") or nil
  end
  local git = up(".git")
  return up("tacit.toml") or (git and git:gsub("/%.git/?$", "")) or dir
end

--- Starts the server for each file that it knows. `opts.cmd` is the command, `opts.on_attach` is called for each buffer.
function M.setup(opts)
  opts = opts or {}
  local clients = {}
  local group = vim.api.nvim_create_augroup("tacit", { clear = true })
  vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
    group = group,
    pattern = "*.tacit",
    callback = function(event)
      vim.bo[event.buf].filetype = "tacit"
      vim.bo[event.buf].commentstring = "// %s"
    end,
  })
  vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
    group = group,
    pattern = patterns,
    callback = function(event)
      local root = root_of(event.match)
      if not clients[root] or not vim.lsp.get_client_by_id(clients[root]) then
        clients[root] = vim.lsp.start_client({
          name = "tacit",
          cmd = opts.cmd or { "tacit", "lsp" },
          root_dir = root,
          workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
          capabilities = opts.capabilities,
          on_attach = opts.on_attach,
        })
      end
      if clients[root] then
        vim.lsp.buf_attach_client(event.buf, clients[root])
      end
    end,
  })
end

return M
