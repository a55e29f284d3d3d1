-- luacheck: which globals each folder may touch. Everything else is a mistake.
std = "lua53"
max_line_length = 120

-- What aos gives every process.
files["ao"].read_globals = { "ao", "Handlers" }

-- A process's own state is its one global, written by its state module alone.
files["ao/mock-usda/src/state.lua"] = { read_globals = { "Owner" }, globals = { "Usda" } }

for _, name in ipairs({ "coordinator", "lock-manager", "state-manager", "token-manager" }) do
  files["ao/" .. name .. "/src/state.lua"] = { read_globals = { "Owner" }, globals = { "Tim3" } }
end

-- Suites put a stand-in in the place of what they test against.
files["ao/**/test/*.lua"] = { std = "+busted", globals = { "ao", "Handlers" } }

-- The mocked aos runtime makes the globals that processes see, and replaces what the host must keep closed.
local made = {
  "ao", "Assign", "Bell", "Colors", "Dump", "Errors", "HANDLER_PRINT_LOGS", "Handlers", "Inbox", "Name", "Owner", "Prompt",
  "Receive", "Seeded", "Send", "Spawn", "Tab", "Utils", "Version", "bit32",
}
local replaced = { "coroutine", "debug", "io", "load", "math", "os", "package", "pairs", "pcall", "print", "setmetatable", "string" }
for _, name in ipairs(replaced) do made[#made + 1] = name end
files["tim3tool/aos/runtime"] = { globals = made }

-- What a usual build of Lua adds to `math`.
files["tim3tool/lua/mathcompat.lua"] = { globals = { "math" } }

-- What is compared with busted is written as strangers write.
exclude_files = { "tests/data" }

-- The dialect makes the globals that suites see.
files["tim3tool/spec/lua"] = { globals = { "ao", "assert", "io", "lfs", "package" } }

-- Squishy files get a string library whose functions end soon.
files["tim3tool/bundle/squishy.lua"] = { globals = { "string" } }
