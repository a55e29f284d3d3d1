"""mock-usda under every order of its messages: transfers, locks, captures and releases by users and two spenders."""

from __future__ import annotations

from random import Random  # noqa: TC003

from tim3tool.sim import Faults
from tim3tool.simulate import Scenario, World

USERS = ("alice", "bob", "carol", "dave")
SPENDERS = ("lender", "market")

scenario = Scenario("mock-usda", actions=100, faults=Faults(reorder=1, duplicate=0.05))
scenario.watch("mock-usda", "Usda.Balances", "Usda.Locked", "Usda.Locks", "Usda.Pools")


@scenario.setup
def start(world: World) -> None:
    world.spawn("mock-usda")
    for user in USERS:
        world.send("owner", "mock-usda", {"Action": "Mint", "Recipient": world.address(user), "Quantity": "1000"})


def post(world: World, sender: str, **tags: str) -> None:
    world.post(sender, "mock-usda", {name.replace("_", "-"): value for name, value in tags.items()})


@scenario.action(weight=3)
def transfer(world: World, chance: Random) -> None:
    recipient = world.address(chance.choice([*USERS, *SPENDERS]))
    post(
        world,
        chance.choice([*USERS, *SPENDERS]),
        Action="Transfer",
        Recipient=recipient,
        Quantity=str(chance.randint(1, 400)),
    )


@scenario.action(weight=3)
def approve(world: World, chance: Random) -> None:
    quantity, spender = str(chance.randint(0, 900)), world.address(chance.choice(SPENDERS))
    post(world, chance.choice(USERS), Action="Approve", Spender=spender, Quantity=quantity)


@scenario.action(weight=4)
def lock(world: World, chance: Random) -> None:
    user, quantity = world.address(chance.choice(USERS)), str(chance.randint(1, 300))
    post(
        world, chance.choice(SPENDERS), Action="Lock", Lock_Id=f"l{chance.randint(1, 12)}", User=user, Quantity=quantity
    )


@scenario.action(weight=3)
def capture(world: World, chance: Random) -> None:
    post(world, chance.choice(SPENDERS), Action="Capture", Lock_Id=f"l{chance.randint(1, 12)}")


@scenario.action(weight=2)
def unlock(world: World, chance: Random) -> None:
    post(world, chance.choice(SPENDERS), Action="Unlock", Lock_Id=f"l{chance.randint(1, 12)}")


@scenario.action(weight=3)
def release(world: World, chance: Random) -> None:
    recipient, quantity = world.address(chance.choice(USERS)), str(chance.randint(1, 200))
    release_id = f"r{chance.randint(1, 12)}"
    post(world, chance.choice(SPENDERS), Action="Unlock", Release_Id=release_id, Recipient=recipient, Quantity=quantity)


@scenario.action
def burn(world: World, chance: Random) -> None:
    post(world, chance.choice(USERS), Action="Burn", Quantity=str(chance.randint(1, 50)))


@scenario.action
def wait(world: World, chance: Random) -> None:
    world.advance(chance.randint(1, 200_000))


scenario.lua_invariant(
    "mock-usda",
    "I6: amounts are canonical, and no zero is stored",
    """
    for _, amounts in ipairs({ Usda.Balances, Usda.Locked, Usda.Pools }) do
      for account, amount in pairs(amounts) do
        if type(amount) ~= "string" or not amount:match("^[1-9]%d*$") then return account .. " has " .. tostring(amount) end
      end
    end""",
)

scenario.lua_invariant(
    "mock-usda",
    "I7: balances add up to the supply, and locks to what is locked",
    """
    local sum, locked = 0, {}
    for _, balance in pairs(Usda.Balances) do sum = sum + balance end
    if sum ~= tonumber(Usda.TotalSupply) then return ("balances are %d, the supply %s"):format(sum, Usda.TotalSupply) end
    for spender, locks in pairs(Usda.Locks) do
      for _, lock in pairs(locks) do
        if lock.state == "held" then locked[lock.owner] = (locked[lock.owner] or 0) + lock.qty end
      end
      locked[spender] = (locked[spender] or 0) + (Usda.Pools[spender] or 0)
    end
    for account, amount in pairs(Usda.Locked) do
      if tonumber(amount) ~= locked[account] then return ("%s of %s locked, records say %s"):format(amount, account, locked[account]) end
      if tonumber(amount) > tonumber(Usda.Balances[account] or 0) then return "more is locked than " .. account .. " has" end
    end
    for account, amount in pairs(locked) do
      if amount > 0 and not Usda.Locked[account] then return ("%d of %s should be locked"):format(amount, account) end
    end""",
)

scenario.lua_invariant(
    "mock-usda",
    "I12: a pool is what was captured, less what was released once",
    """
    for spender, locks in pairs(Usda.Locks) do
      local pool = 0
      for _, lock in pairs(locks) do pool = pool + (lock.state == "captured" and lock.qty or 0) end
      for _, release in pairs(Usda.Releases[spender] or {}) do pool = pool - release.qty end
      if pool ~= tonumber(Usda.Pools[spender] or 0) then
        return ("records of %s give %d, its pool is %s"):format(spender, pool, tostring(Usda.Pools[spender]))
      end
    end""",
)


@scenario.invariant(of="mock-usda")
def the_clock_never_goes_back(world: World) -> bool:
    """I21."""
    before, now = world.memory.get("clock", (0, 0)), tuple(world.read("mock-usda", "{Usda.Now, Usda.Height}"))
    world.memory["clock"] = now
    return all(old <= new for old, new in zip(before, now, strict=True))
