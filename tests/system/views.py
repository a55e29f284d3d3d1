"""What the processes of TIM3 hold, read at once after each of their messages, and whether their own books agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tim3tool.simulate import World

__all__ = ["PROCESSES", "STATES", "C", "L", "Op", "S", "T", "U", "View", "change", "tag", "view", "view_anew"]

U, L, T, C, S = "mock-usda", "lock-manager", "token-manager", "coordinator", "state-manager"
PROCESSES: Final = (U, T, L, S, C)
STATES: Final = {U: "Usda", L: "Tim3", T: "Tim3", C: "Tim3", S: "Tim3"}

# Each chunk below is the body of a function of `lines`, which it appends to, and returns what is wrong.
_TOKEN: Final = """
local sum, minted, burned = 0, 0, 0
for account, balance in pairs(Tim3.Balances) do
  if not canonical(balance) then return "I6: " .. account .. " has " .. tostring(balance) end
  sum = sum + n(balance)
  lines[#lines + 1] = "held " .. account .. " " .. balance
end
for id, record in pairs(Tim3.Ops.Records) do
  if record.state == "minted" then minted = minted + n(record.qty) end
  if record.state == "burned" or record.state == "released" then burned = burned + n(record.qty) end
  lines[#lines + 1] = ("op %s %s %s %s %s"):format(id, record.kind, record.state, record.user or "-", record.qty or "-")
end
sums("TotalSupply", "Minted", "Burned", "Restored", "Vouched")
local supply, restored = n(Tim3.TotalSupply), n(Tim3.Restored)
if sum ~= supply then return ("I3: balances are %d, the supply %d"):format(sum, supply) end
if supply ~= n(Tim3.Minted) - n(Tim3.Burned) + restored then return "I4: the supply is not Minted - Burned + Restored" end
if not is(minted, n(Tim3.Minted)) then return ("I5: %s minted, the records say %d"):format(Tim3.Minted, minted) end
if n(Tim3.Minted) > n(Tim3.Vouched) then return "I5: more is minted than was vouched for" end
if not is(burned, n(Tim3.Burned) - restored) then return ("I12: %s burned, the records say %d"):format(Tim3.Burned, burned + restored) end
"""

_LOCKS: Final = """
local claimable, credits = 0, 0
for account, amount in pairs(Tim3.Claimable) do
  if not canonical(amount) then return "I6: " .. account .. " may claim " .. tostring(amount) end
  claimable = claimable + n(amount)
  lines[#lines + 1] = "held " .. account .. " " .. amount
end
for id, record in pairs(Tim3.Ops.Records) do
  if record.sender and record.qty then credits = credits + n(record.qty) end
  lines[#lines + 1] = ("op %s %s %s %s %s"):format(id, record.kind, record.state, record.user or "-", record.qty or "-")
  if record.sender and record.user and record.sender ~= record.user then
    return ("I10: the deposit %s of %s is booked for %s"):format(id, record.sender, record.user)
  end
end
sums("Vouched", "Voided", "Released", "Returned", "Collateral", "Releasing", "Credits", "Payouts", "Pending",
  "Quarantined", "Owed", "Buffer", "PoolIn", "PoolOut")
if n(Tim3.Vouched) ~= n(Tim3.Collateral) + n(Tim3.Releasing) + n(Tim3.Released) + n(Tim3.Voided) then
  return "I8: what was vouched for is not all there"
end
if claimable ~= n(Tim3.Owed) then return ("I11: %s owed, accounts may claim %d"):format(Tim3.Owed, claimable) end
if Tim3.Config and Tim3.Config.mode == "custody" then
  local held = n(Tim3.Collateral) + n(Tim3.Pending) + n(Tim3.Quarantined) + n(Tim3.Owed) + n(Tim3.Buffer)
  if held ~= n(Tim3.Credits) - n(Tim3.Payouts) then return "I8: what is held is not what came less what was sent" end
  if n(Tim3.Owed) + n(Tim3.Payouts) > n(Tim3.Released) + n(Tim3.Returned) then
    return "I11: more is owed and paid than was released and returned"
  end
end
if not is(credits, n(Tim3.Credits)) then return ("I16: credits are %s, the records say %d"):format(Tim3.Credits, credits) end
"""

_USDA: Final = """
local sum, locked = 0, {}
for account, balance in pairs(Usda.Balances) do
  if not canonical(balance) then return "I6: " .. account .. " has " .. tostring(balance) end
  sum = sum + n(balance)
  lines[#lines + 1] = "held " .. account .. " " .. balance
end
sums("TotalSupply")
if sum ~= n(Usda.TotalSupply) then return "I7: balances do not add up to the supply" end
for spender, locks in pairs(Usda.Locks) do
  for id, lock in pairs(locks) do
    if lock.state == "held" then locked[lock.owner] = (locked[lock.owner] or 0) + n(lock.qty) end
    lines[#lines + 1] = ("op %s lock %s %s %s"):format(id, lock.state, lock.owner or "-", lock.qty or "-")
    if lock.state == "held" then lines[#lines + 1] = "locked " .. spender .. " " .. lock.qty end
  end
end
for spender, pool in pairs(Usda.Pools) do locked[spender] = (locked[spender] or 0) + n(pool) end
for account, amount in pairs(Usda.Locked) do lines[#lines + 1] = "locked " .. account .. " " .. amount end
for account, amount in pairs(locked) do
  if amount ~= n(Usda.Locked[account] or "0") then
    return ("I7: %s of %s locked, the records say %d"):format(Usda.Locked[account], account, amount)
  end
  if amount > n(Usda.Balances[account] or "0") then return "I7: more is locked than " .. account .. " has" end
end
"""

_COORDINATOR: Final = """
local open, reserved, unfunded, messages = {}, 0, 0, {}
for id, op in pairs(Tim3.Ops.Records) do
  lines[#lines + 1] = ("op %s %s %s %s %s %s %d %d %d %d"):format(id, op.kind, op.state, op.user, op.qty,
    op.outcome or "-", op.created or 0, op.height or 0, op.outcome and op.history[#op.history].at or 0,
    op.isUnfunded and 1 or 0)
  if op.message and messages[op.message] then return "I12: one message opened " .. id .. " and " .. messages[op.message] end
  if op.message then messages[op.message] = id end
  if not op.outcome then
    open[op.user] = (open[op.user] or 0) + 1
    if op.kind == "mint" then reserved = reserved + n(op.qty) end
  end
  if op.isUnfunded then unfunded = unfunded + n(op.qty) end
end
sums("Reserved", "Unfunded", "Minted", "Burned", "Restored")
for _, scope in ipairs({ "mint", "burn" }) do
  lines[#lines + 1] = "fact paused-" .. scope .. " " .. (Tim3.Paused[scope] and "yes" or "no")
end
lines[#lines + 1] = "fact refunding " .. tostring(Tim3.Refunding)
if reserved ~= n(Tim3.Reserved) then return ("I20: %s reserved, operations need %d"):format(Tim3.Reserved, reserved) end
if unfunded ~= n(Tim3.Unfunded) then return ("I20: %s unfunded, operations say %d"):format(Tim3.Unfunded, unfunded) end
local most = Tim3.Settings["Max-In-Flight"] or 1
for user, known in pairs(Tim3.Users) do
  if known.open ~= (open[user] or 0) then
    return ("I20: %d operations of %s are open, %d are known"):format(open[user] or 0, user, known.open)
  end
  if known.open > most then return "I20: too many operations of " .. user end
end
"""

_STATE: Final = """
for name, value in pairs(Tim3.Current) do lines[#lines + 1] = "fact " .. name .. " " .. tostring(value) end
for step, report in pairs(Tim3.Gathered) do
  for name, value in pairs(report) do lines[#lines + 1] = ("fact %s-%s %s"):format(step, name, tostring(value)) end
end
"""

_FRAME: Final = """(function()
local state = %s
local lines = { "clock " .. state.Now .. " " .. state.Height, "size handlers " .. #Handlers.list }
local function n(text) return math.tointeger(tonumber(text)) end
local function canonical(text) return type(text) == "string" and text:find("^[1-9]%%d*$") end
local function sums(...)
  for _, name in ipairs({ ... }) do lines[#lines + 1] = "sum " .. name .. " " .. tostring(state[name]) end
end
local below = state.Ops and state.Ops.Below or { n = 0, d = 0 } -- the records under these numbers are pruned
for series, number in pairs(below) do lines[#lines + 1] = ("fact below-%%s %%d"):format(series, number) end
local function is(counted, known) return counted == known or counted < known and (below.n > 0 or below.d > 0) end
local function books() %s end
local kind, exact = type, math.type
local function float(t)
  for key, value in next, t do
    if exact(value) == "float" or exact(key) == "float" then return tostring(key) end
    local inner = kind(value) == "table" and float(value)
    if inner then return tostring(key) .. "." .. inner end
  end
end
local problem = books()
local inexact = float(state)
if inexact then problem = "I26: a float is stored: " .. inexact end
if state.Halted then problem = "halted: " .. state.Halted end
if #Inbox > 1 then problem = "I23: the Inbox grows" end
for _, name in ipairs({ "Log", "Alarms" }) do
  local book = state[name]
  if book and book.Items[book.Last - book.Capacity] then problem = "I23: the journal " .. name .. " grows" end
end
return table.concat(lines, "\\n") .. (problem and "\\nproblem " .. problem or "")
end)()"""

# Any other token: what it is known to keep.
_FOREIGN: Final = """(function()
local lines, sum = { "clock 0 0", "size handlers " .. #Handlers.list }, 0
for account, balance in pairs(Balances) do
  if balance ~= "0" then lines[#lines + 1] = "held " .. account .. " " .. balance end
  sum = sum + math.tointeger(tonumber(balance))
end
lines[#lines + 1] = "sum TotalSupply " .. sum
return table.concat(lines, "\\n")
end)()"""

_READS: Final = {
    U: f"Usda and {_FRAME % ('Usda', _USDA)} or {_FOREIGN}",
    L: _FRAME % ("Tim3", _LOCKS),
    T: _FRAME % ("Tim3", _TOKEN),
    C: _FRAME % ("Tim3", _COORDINATOR),
    S: _FRAME % ("Tim3", _STATE),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Op:
    """An operation, or a lock at U, as a process has it.

    Args:
        kind: mint, burn, collateral, release or lock.
        state: its state.
        user: whose it is; empty where that is not known.
        quantity: how much, in base units; 0 where that is not known.
        outcome: how it ended, at C.
        since: when it was accepted at C, in ms.
        height: in which block that was.
        ended: when it ended at C, in ms; 0 while it has not.
        is_unfunded: whether C has not seen its collateral.
    """

    kind: str
    state: str
    user: str
    quantity: int
    outcome: str | None = None
    since: int = 0
    height: int = 0
    ended: int = 0
    is_unfunded: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What a process holds. Nothing in it may be changed.

    Args:
        problem: what does not hold inside it.
        now: its clock, in ms.
        block: its block height.
        handlers: how many handlers it has.
        sums: sums of its state by name, in base units.
        held: balances, or what accounts may claim, in base units by account.
        locked: U: how much there is in an account's pool, or locked for it.
        ops: its operations by Op-Id.
        facts: what else it says, by name.
    """

    problem: str | None
    now: int
    block: int
    handlers: int
    sums: dict[str, int]
    held: dict[str, int]
    locked: dict[str, int]
    ops: dict[str, Op]
    facts: dict[str, str]

    def has_forgotten(self, id_: str) -> bool:
        """Tell whether the record of an operation is pruned, or may be."""
        number, _, message = id_.partition("-")
        below = self.facts["below-n" if message else "below-d"]
        return id_ not in self.ops and int(number.lstrip("d")) < int(below)

    def is_like(self, other: View) -> bool:
        """Tell whether nothing but the clock differs."""
        mine = (self.sums, self.held, self.locked, self.ops, self.facts, self.handlers)
        return mine == (other.sums, other.held, other.locked, other.ops, other.facts, other.handlers)


_AMOUNT: Final = re.compile("0|[1-9][0-9]*")


@lru_cache(maxsize=1024)
def _op(line: str) -> tuple[str, Op]:
    id_, kind, state, user, quantity, *more = line.split(" ")
    amount = 0 if quantity == "-" else int(quantity)
    user = "" if user == "-" else user
    if not more:
        return id_, Op(kind=kind, state=state, user=user, quantity=amount)
    since, height, ended, unfunded = map(int, more[1:])
    return id_, Op(
        kind=kind,
        state=state,
        user=user,
        quantity=amount,
        outcome=None if more[0] == "-" else more[0],
        since=since,
        height=height,
        ended=ended,
        is_unfunded=unfunded == 1,
    )


@lru_cache(maxsize=64)
def _parsed(text: str) -> View:
    problem, now, block, handlers = None, 0, 0, 0
    sums: dict[str, int] = {}
    held: dict[str, int] = {}
    locked: dict[str, int] = {}
    ops: dict[str, Op] = {}
    facts: dict[str, str] = {}
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "op":
            id_, op = _op(rest)
            ops[id_] = op
            continue
        name, _, value = rest.partition(" ")
        if kind == "sum":
            if not _AMOUNT.fullmatch(value):
                problem = f"I6: {name} is {value}"
            else:
                sums[name] = int(value)
        elif kind == "held":
            held[name] = int(value)
        elif kind == "locked":
            locked[name] = locked.get(name, 0) + int(value)
        elif kind == "clock":
            now, block = int(name), int(value)
        elif kind == "size":
            handlers = int(value)
        elif kind == "fact":
            facts[name] = value
        else:
            problem = rest
    return View(
        problem=problem,
        now=now,
        block=block,
        handlers=handlers,
        sums=sums,
        held=held,
        locked=locked,
        ops=ops,
        facts=facts,
    )


def view(world: World, process: str) -> View:
    """Return what a process holds now."""
    return _parsed(world.read(process, _READS[process]))


def view_anew(world: World, process: str) -> View:
    """Return what a process holds now that it was sent something past the network."""
    return _parsed(world.network.process(world.address(process)).read(_READS[process]))


def change(world: World, process: str) -> tuple[View, View]:
    """Return what a process held before its last message, and what it holds since; equal when it is asked first."""
    number = world.network.changes(world.address(process))
    known = world.memory.get(f"change {process}")
    if known is None or known[0] != number:
        now = view(world, process)
        known = world.memory[f"change {process}"] = (number, known[2] if known else now, now)
    return known[1], known[2]


def tag(message: dict[str, Any], name: str) -> str | None:
    """Return the first tag of a name."""
    return next((one["value"] for one in message["Tags"] if one["name"] == name), None)
