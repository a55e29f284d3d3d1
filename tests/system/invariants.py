"""What must hold in TIM3, in every order of its messages, whoever lies: the safety invariants of docs/protocol.md.

`rest` invariants, which need honest processes and messages that arrive, are registered apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tim3tool.simulate import Scenario, World

__all__ = ["L", "T", "U", "backing", "monotone", "ops_of", "register", "stay_final", "supply", "tag"]

U, L, T = "mock-usda", "lock-manager", "token-manager"

# Which states an operation may go to from each; from others, and from those of no entry, never.
TOKEN_STATES: Final = {
    None: {"asked", "vouched", "minted", "cancelled", "burned", "rejected"},
    "asked": {"vouched", "minted", "cancelled"},
    "vouched": {"minted", "voided"},
    "cancelled": {"voided"},
    "burned": {"released", "restored"},
}
LOCK_STATES: Final = {
    None: {
        "locking",
        "expected",
        "asking",
        "held",
        "cancelled",
        "quarantined",
        "buffer",
        "releasing",
        "done",
        "failed",
    },
    "locking": {"held", "failed", "returning", "returned"},
    "expected": {"held", "cancelled"},
    "asking": {"held", "merged", "returned"},
    "held": {"used", "captured", "returning", "returned"},
    "used": {"captured"},
    "failed": {"returning", "returned"},
    "returning": {"returned", "captured"},
    "releasing": {"done", "failed"},
    "quarantined": {"released"},
}

TOKEN = """
local sum, minted, burned, vouched = 0, 0, 0, 0
for account, balance in pairs(Tim3.Balances) do
  if type(balance) ~= "string" or not balance:match("^[1-9]%d*$") then return "I6: " .. account .. " has " .. tostring(balance) end
  sum = sum + math.tointeger(tonumber(balance))
end
local supply = math.tointeger(tonumber(Tim3.TotalSupply))
if sum ~= supply then return ("I3: balances are %d, the supply %d"):format(sum, supply) end
local function n(name) return math.tointeger(tonumber(Tim3[name])) end
if supply ~= n("Minted") - n("Burned") + n("Restored") then return "I4: the supply is not Minted - Burned + Restored" end
for id, record in pairs(Tim3.Ops.Records) do
  local qty = record.qty and math.tointeger(tonumber(record.qty))
  if record.state == "minted" then minted = minted + qty end
  if record.state == "burned" or record.state == "released" then burned = burned + qty end
end
if minted ~= n("Minted") then return ("I5: %d minted, the records say %d"):format(n("Minted"), minted) end
if n("Minted") > n("Vouched") then return "I5: more is minted than was vouched for" end
if burned ~= n("Burned") - n("Restored") then return ("I12: %d burned, the records say %d"):format(n("Burned") - n("Restored"), burned) end
if Tim3.Halted then return "halted: " .. Tim3.Halted end
if #Inbox > 1 then return "I23: the Inbox grows" end
"""

LOCKS = """
local function n(name) return math.tointeger(tonumber(Tim3[name])) end
if n("Vouched") ~= n("Collateral") + n("Releasing") + n("Released") + n("Voided") then return "I8: what was vouched for is not all there" end
local claimable = 0
for account, amount in pairs(Tim3.Claimable) do
  if type(amount) ~= "string" or not amount:match("^[1-9]%d*$") then return "I6: " .. account .. " may claim " .. tostring(amount) end
  claimable = claimable + math.tointeger(tonumber(amount))
end
if claimable ~= n("Owed") then return ("I11: %d owed, accounts may claim %d"):format(n("Owed"), claimable) end
if Tim3.Config.mode == "custody" then
  local held = n("Collateral") + n("Pending") + n("Quarantined") + n("Owed") + n("Buffer")
  if held ~= n("Credits") - n("Payouts") then return "I8: what is held is not what came less what was sent" end
end
local credits = 0
for id, record in pairs(Tim3.Ops.Records) do
  if record.sender and record.qty then credits = credits + math.tointeger(tonumber(record.qty)) end
end
if credits ~= n("Credits") then return ("I16: credits are %d, the records say %d"):format(n("Credits"), credits) end
if Tim3.Halted then return "halted: " .. Tim3.Halted end
if #Inbox > 1 then return "I23: the Inbox grows" end
"""

USDA = """
local sum, locked = 0, {}
for account, balance in pairs(Usda.Balances) do
  if type(balance) ~= "string" or not balance:match("^[1-9]%d*$") then return "I6: " .. account .. " has " .. tostring(balance) end
  sum = sum + math.tointeger(tonumber(balance))
end
if sum ~= math.tointeger(tonumber(Usda.TotalSupply)) then return "I7: balances do not add up to the supply" end
for spender, locks in pairs(Usda.Locks) do
  for _, lock in pairs(locks) do
    if lock.state == "held" then locked[lock.owner] = (locked[lock.owner] or 0) + math.tointeger(tonumber(lock.qty)) end
  end
end
for spender, pool in pairs(Usda.Pools) do locked[spender] = (locked[spender] or 0) + math.tointeger(tonumber(pool)) end
for account, amount in pairs(locked) do
  if amount ~= tonumber(Usda.Locked[account] or 0) then return ("I7: %s of %s locked, the records say %d"):format(Usda.Locked[account], account, amount) end
  if amount > tonumber(Usda.Balances[account] or 0) then return "I7: more is locked than " .. account .. " has" end
end
"""

# How much of U's there is for L: what it holds, or what is locked for it.
BACKING: Final = """(function()
  local id, held = "%s", 0
  if "%s" == "custody" then return math.tointeger(tonumber(Usda.Balances[id] or 0)) end
  for _, lock in pairs(Usda.Locks[id] or {}) do
    if lock.state == "held" then held = held + math.tointeger(tonumber(lock.qty)) end
  end
  return held + math.tointeger(tonumber(Usda.Locked[id] or 0))
end)()"""

OPS: Final = """(function()
  local ops = {}
  for id, r in pairs(Tim3.Ops.Records) do
    ops[#ops + 1] = id .. " " .. r.kind .. " " .. r.state .. " " .. (r.user or "") .. " " .. (r.qty or "")
  end
  return table.concat(ops, "\\n")
end)()"""

FLOATS: Final = """(function()
  local function found(t, path)
    for key, value in pairs(t) do
      if math.type(value) == "float" or math.type(key) == "float" then return path .. "." .. tostring(key) end
      if type(value) == "table" then
        local inner = found(value, path .. "." .. tostring(key))
        if inner then return inner end
      end
    end
  end
  return found(Tim3, "Tim3") or ""
end)()"""


def ops_of(world: World, process: str) -> dict[str, list[str]]:
    """Return an operation's kind, state, user and quantity by Op-Id, as a process has it."""
    return {line.partition(" ")[0]: line.split(" ")[1:] for line in world.read(process, OPS).splitlines()}


def backing(world: World, mode: str) -> int:
    """Return K(L)."""
    return int(world.read(U, BACKING % (world.address(L), mode)))


def supply(world: World) -> int:
    """Return how much TIM3 there is."""
    return int(world.read(T, "Tim3.TotalSupply"))


def tag(message: dict[str, Any], name: str) -> str | None:
    """Return the first tag of a name."""
    return next((one["value"] for one in message["Tags"] if one["name"] == name), None)


def register(scenario: Scenario, mode: str) -> None:
    """Register the invariants that hold after every message, whatever C does and whatever is lost.

    Args:
        scenario: with processes `mock-usda`, `lock-manager` and `token-manager`.
        mode: `custody` or `lock`.
    """
    scenario.lua_invariant(T, "I3 I4 I5 I6 I12 I23: the token-manager's books agree", TOKEN)
    scenario.lua_invariant(L, "I6 I8 I11 I16 I23: the lock-manager's books agree", LOCKS)
    scenario.lua_invariant(U, "I6 I7 I25: the collateral token's books agree", USDA)

    _backing(scenario, mode)
    _two_keys(scenario)
    _keep_word(scenario)
    for process, allowed in ((T, TOKEN_STATES), (L, LOCK_STATES)):
        stay_final(scenario, process, allowed)
    _pay_under_a_claim(scenario)
    for process, clock in ((U, "Usda"), (L, "Tim3"), (T, "Tim3")):
        monotone(scenario, process, clock)

    @scenario.invariant(at_rest=True, name="I26: no float is stored")
    def no_floats(world: World) -> str | None:
        places = [place for process in (L, T) if (place := world.read(process, FLOATS))]
        return ", ".join(places) or None


def _backing(scenario: Scenario, mode: str) -> None:
    @scenario.invariant(of=(U, T), name="I1: TIM3 is backed")
    def backed(world: World) -> str | None:
        there, out = backing(world, mode), supply(world)
        return None if out <= there else f"{out} TIM3, and {there} of collateral"

    @scenario.invariant(of=(L, U), name="I8: what the lock-manager books is there")
    def booked(world: World) -> str | None:
        if mode == "lock":
            return None
        books, there = (int(number) for number in world.read(L, "{Tim3.Credits, Tim3.Payouts}")), backing(world, mode)
        came, sent = books
        return None if came - sent <= there else f"{came - sent} booked, {there} there"

    @scenario.invariant(of=U, name="I25: no collateral appears or disappears")
    def conserved(world: World) -> bool:
        total = world.read(U, "Usda.TotalSupply")
        return bool(total == world.memory.setdefault("collateral", total))

    @scenario.invariant(of=(L, T), name="I9: no more is released than was burned")
    def released(world: World) -> str | None:
        burned, restored = (int(number) for number in world.read(T, "{Tim3.Burned, Tim3.Restored}"))
        out = sum(int(number) for number in world.read(L, "{Tim3.Released, Tim3.Releasing}"))
        return None if out <= burned - restored else f"{out} released or to be, {burned - restored} burned"


def _two_keys(scenario: Scenario) -> None:
    @scenario.invariant(of=(L, T), name="I5 I10: each effect has its other key, of equal user and quantity")
    def two_keys(world: World) -> str | None:
        token, locks = ops_of(world, T), ops_of(world, L)
        for op, (kind, state, user, quantity) in token.items():
            if (
                kind == "mint"
                and state in ("vouched", "minted", "voided")
                and locks.get(op, [])[2:] != [user, quantity]
            ):
                return f"{op}: vouched for {locks.get(op)}, {state} for {user} {quantity}"
        for op, (kind, state, user, quantity) in locks.items():
            if kind == "release" and token.get(op) not in (
                ["burn", "burned", user, quantity],
                ["burn", "released", user, quantity],
                ["burn", "restored", user, quantity],
            ):
                return f"{op}: {state} for {user} {quantity}, burned {token.get(op)}"
            if kind == "release" and state == "done" and token[op][1] == "restored":
                return f"{op}: released and restored"
        return None


def stay_final(scenario: Scenario, process: str, allowed: dict[str | None, set[str]]) -> None:
    """Register that operations of a process take allowed steps only, and keep user and quantity."""

    @scenario.invariant(of=process, name=f"I12 I13: an operation of the {process} goes one way")
    def one_way(world: World) -> str | None:
        before, now = world.memory.get(f"ops {process}", {}), ops_of(world, process)
        world.memory[f"ops {process}"] = now
        for op, (_, state, user, quantity) in now.items():
            was = before.get(op)
            if was is None or was[1] != state:
                if state not in allowed.get(was[1] if was else None, set()):
                    return f"{op}: {was[1] if was else 'nothing'} became {state}"
            elif was[2:] != [user, quantity] and state not in ("asked", "cancelled", "expected"):
                return f"{op}: {was[2:]} became {[user, quantity]}"
        return next((f"{op} is forgotten" for op in before if op not in now), None)


# What a process says of an operation: sender, action and result, and where the operation then never gains an effect.
WORDS: Final = {
    ("Mint-Cancelled", "never"): (T, {"minted"}),
    ("Mint-Cancelled", "voided"): (T, {"minted"}),
    ("Burn-Cancelled", None): (T, {"burned", "released", "restored"}),
    ("Collateral-Cancelled", "never-held"): (L, {"held", "used", "captured"}),
    ("Collateral-Returned", None): (L, {"held", "used", "captured"}),
}


def _keep_word(scenario: Scenario) -> None:
    @scenario.invariant(of=(L, T, U), name="I13: what was cancelled never gains an effect")
    def kept(world: World) -> str | None:
        said: dict[str, list[Any]] = world.memory.setdefault("said", {})
        for message in world.last.result.messages:
            word = WORDS.get((str(tag(message, "Action")), tag(message, "Result")))
            if word and word[0] == world.name(world.last.process):
                said[f"{tag(message, 'Op-Id')} {word[0]}"] = [tag(message, "Action"), *sorted(word[1])]
            elif tag(message, "Action") == "Unlock-Confirmed" and tag(message, "Lock-Id"):
                said[f"{tag(message, 'Lock-Id')} {U}"] = ["Unlock-Confirmed", "held", "captured"]
        states = {f"{id_} {process}": one[1] for process in (L, T) for id_, one in ops_of(world, process).items()}
        locks = world.read(U, LOCK_STATES_OF % world.address(L))
        states |= {f"{id_} {U}": state for id_, state in (locks.items() if isinstance(locks, dict) else ())}
        for which, (action, *effects) in said.items():
            if states.get(which) in effects:
                return f"{which}: {action} was said, and it is {states[which]}"
        return None


LOCK_STATES_OF: Final = """(function()
  local states = {}
  for id, lock in pairs(Usda.Locks["%s"] or {}) do states[id] = lock.state end
  return states
end)()"""


def _pay_under_a_claim(scenario: Scenario) -> None:
    @scenario.invariant(of=L, name="I11: a payout leaves under its payee's own claim, once")
    def claimed(world: World) -> str | None:
        delivery = world.last
        usda = world.address(U)
        sent = [m for m in delivery.result.messages if m.get("Target") == usda and tag(m, "Action") == "Transfer"]
        if not sent:
            return None
        payee, seen = tag(sent[0], "Recipient"), world.memory.setdefault("claims", [])
        is_root = delivery.parent is None and delivery.message["From"] == payee
        is_new = delivery.message_id not in seen
        seen.append(delivery.message_id)
        if len(sent) == 1 and is_root and is_new and tag(delivery.message, "Action") == "Claim":
            return None
        return f"{len(sent)} to {payee} under {tag(delivery.message, 'Action')} of {delivery.message['From']}"


def monotone(scenario: Scenario, process: str, state: str) -> None:
    """Register that the clock of a process never goes back."""

    @scenario.invariant(of=process, name=f"I21: the clock of the {process} never goes back")
    def forward(world: World) -> bool:
        now = world.read(process, f"{{{state}.Now, {state}.Height}}")
        before = world.memory.get(f"clock {process}", [0, 0])
        world.memory[f"clock {process}"] = now
        return all(old <= new for old, new in zip(before, now, strict=True))
