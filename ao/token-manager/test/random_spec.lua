local rig = require("test.rig")
local sim = require("tim3tool.sim")
local support = require("support")

local STEPS = 1250 -- of each seed

describe("the token-manager under random commands", function()
  for _, seed in ipairs({ 1, 22, 333, 4444 }) do
    it("22 keeps I3, I4, I5, I9 and I12, seed " .. seed, function()
      local token = support.spawn()
      local peers, random = support.peers(token), rig.generator(seed)
      local accounts = {}
      for index = 1, 5 do
        accounts[index] = sim.address("account" .. index)
      end
      local function id()
        return rig.op(random(60))
      end
      local function user()
        return accounts[random(#accounts)]
      end
      local function quantity()
        return tostring(random(3) * 10)
      end
      local commands = {
        function()
          return peers.locks("Voucher", id(), user(), quantity())
        end,
        function()
          return peers.coordinator("Mint", id(), user(), quantity())
        end,
        function()
          return support.mint(token, id(), user(), quantity())
        end,
        function()
          return peers.coordinator("Burn", id(), user(), quantity())
        end,
        function()
          return peers.coordinator(random(2) == 1 and "Cancel-Mint" or "Cancel-Burn", id())
        end,
        function()
          local result = random(2) == 1 and "done" or "failed"
          return peers.locks("Release-Ack", id(), nil, nil, { Result = result, ["Payout-State"] = "claimable" })
        end,
        function()
          return token:send({ From = user(), Action = "Transfer", Recipient = user(), Quantity = quantity() })
        end,
      }
      for step = 1, STEPS do
        local result = commands[random(#commands)]()
        assert.is_nil(result.Error)
        if step % 10 == 0 then
          support.checkInvariants(token)
        end
      end
      assert.is_true(tonumber(token:read("Tim3.Minted")) > 0)
      assert.is_true(tonumber(token:read("Tim3.Burned")) > 0)
    end)
  end
end)
