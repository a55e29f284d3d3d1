-- luacheck: which globals each folder may touch. Everything else is a mistake.
std = "lua53"
max_line_length = 120

-- What aos gives every process.
files["ao"].read_globals = { "ao", "Handlers" }

-- A process's own state is its one global, written by its state module alone.
files["ao/mock-usda/src/state.lua"] = { read_globals = { "Owner" }, globals = { "Usda" } }

-- Suites put a stand-in in the place of what they test against.
files["ao/**/test/*.lua"] = { std = "+busted", globals = { "ao", "Handlers" } }
