-- What Lua's own collector costs when a process holds much: the same work beside few and beside many holders and operations,
-- with the collector as aos runs it (incremental) and without. Nothing of tim3tool is in it.
--
--   for n in 10 100000; do for m in incremental stop; do lua5.3 benchmarks/collector.lua $n $m; done; done

local MANY, MODE = math.tointeger(tonumber(arg[1])), arg[2]
local ROUNDS, WORK, ALLOCATED = 5, 4000, 40

local kept = { balances = {}, records = {}, finished = {}, after = {} }
for n = 1, MANY do
  local account, id = ("%043d"):format(n), "d" .. n
  kept.balances[account], kept.after[n] = "1", account
  kept.records[id] = { kind = "mint", state = "minted", user = account, qty = "1", finished = true }
  kept.finished[n] = { id = id, at = 1 }
end
collectgarbage()
collectgarbage(MODE == "stop" and "stop" or "restart")
local heap = collectgarbage("count") / 1024

local best = math.huge
for _ = 1, ROUNDS do
  local start = os.clock()
  for i = 1, WORK do -- what a message allocates, about
    local tags = {}
    for j = 1, ALLOCATED do
      tags[j] = { name = "n" .. j, value = "v" .. i .. j }
    end
  end
  best = math.min(best, (os.clock() - start) / WORK)
end
print(("%7d holders, %4.0f MiB, %s: %.1f us"):format(MANY, heap, MODE, best * 1e6))
