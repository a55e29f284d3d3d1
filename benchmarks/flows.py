"""Measures what TIM3 costs: the custody mint flow through five processes, against plain pings of the same run, and how
the cost of a message grows with the holders and operations that there are.

`.venv/bin/python benchmarks/flows.py [FILLINGS …]` prints its tables; the fillings are 10, 1,000, 10,000 and 100,000.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from run import pinged

from tim3tool.sim import Message, Network, address
from tim3tool.simulate import Runner

ROOT = Path(__file__).parents[1]
SYSTEM = ROOT / "tests" / "system"
sys.path.insert(0, str(SYSTEM))

import tim3  # noqa: E402 - it lies beside the system suite

PING = """Handlers.add("Ping", "Ping", function(m)
  Count = (Count or 0) + 1
  m.reply({Data = "pong", Action = "Pong"})
end)"""
UNLIMITED = {"Min-Amount": "1", "Cooldown-Ms": "0", "Flood-Requests": "off"}
FLOWS = 200
PINGS = 4_000
ROUNDS = 5


def mint_flow(runner: Runner, user: str) -> int:
    """Mint in custody mode, from the request to the notice that it is complete; return how many messages it took."""
    world, network = runner.world, runner.world.network
    before = len(network.deliveries)
    world.send(user, tim3.C, {"Action": "Mint", "Quantity": "1"})
    pending = network.mail(world.address(user))[-1]
    tags = {"Action": "Transfer", "Recipient": world.address(tim3.L), "Quantity": "1"}
    world.send(user, tim3.U, tags | {"X-Op-Id": str(tim3.tag(pending, "Op-Id"))})
    return len(network.deliveries) - before


def flows(runner: Runner) -> tuple[float, int]:
    """Return the seconds that the flows take from a fresh start, and their messages."""
    runner.begin(0)
    mint_flow(runner, "alice")
    start = time.perf_counter()
    messages = sum(mint_flow(runner, "alice") for _ in range(FLOWS))
    return time.perf_counter() - start, messages


def network_pings() -> float:
    """Return the seconds that pings take which come over a network."""
    network = Network()
    process = network.spawn(owner=address("owner")).process
    network.install(process, PING)
    start = time.perf_counter()
    for number in range(PINGS):
        tags = (("Action", "Ping"), ("Reference", str(number)))
        network.send(Message(sender=address("alice"), target=process, tags=tags))
    return time.perf_counter() - start


# Fills the token-manager with holders and operations as mints would leave them, and its books with their sums.
FILL = """
local holders, opbook = Tim3.Holders, Tim3.Ops
for n = opbook.Size + 1, %d do
  local account = ("%%043d"):format(n)
  Tim3.Balances[account] = "1"
  if holders.Last then holders.After[holders.Last], holders.Before[account] = account, holders.Last end
  holders.First, holders.Last, holders.Count = holders.First or account, account, holders.Count + 1
  local id = "d" .. (1000000 + n)
  opbook.Records[id] = { kind = "mint", state = "minted", user = account, qty = "1", finished = true }
  opbook.Size, opbook.Last = opbook.Size + 1, opbook.Last + 1
  opbook.Finished[opbook.Last] = { id = id, at = Tim3.Now }
  for _, name in ipairs({ "TotalSupply", "Minted", "Vouched" }) do
    Tim3[name] = ("%%d"):format(tonumber(Tim3[name]) + 1)
  end
end
"""
FILLINGS = (10, 1_000, 10_000, 100_000)


def filled(many: int) -> float:
    """Return the seconds that a message of a flow takes while the token-manager has so many holders and operations."""
    runner = Runner(tim3.made("custody", is_checked=False, limits=UNLIMITED), folder=SYSTEM)
    world = runner.world
    world.network.send(
        Message(
            sender=world.address("owner"), target=world.address(tim3.T), tags=(("Action", "Eval"),), data=FILL % many
        )
    )
    mint_flow(runner, "alice")
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        messages = sum(mint_flow(runner, "alice") for _ in range(FLOWS // 4))
        best = min(best, (time.perf_counter() - start) / messages)
    return best


def main() -> None:
    """Print the tables."""
    runner = Runner(tim3.made("custody", is_checked=False, limits=UNLIMITED), folder=SYSTEM)
    direct, networked, taken, messages = [], [], [], 0
    for _ in range(ROUNDS):
        direct.append(pinged(PINGS)[0])
        networked.append(network_pings())
        seconds, messages = flows(runner)
        taken.append(seconds)
    ping, over, flow = PINGS / min(direct), PINGS / min(networked), messages / min(taken)
    print(f"pings through Process.handle: {ping:,.0f}/s; over a network: {over:,.0f}/s")
    print(
        f"custody mint: {FLOWS / min(taken):,.0f} flows/s, {messages / FLOWS:.1f} messages each, {flow:,.0f} messages/s"
    )
    print(f"  {flow / ping:.2f} x the pings, {flow / over:.2f} x those over a network (promised: >= 0.4 x)")
    for many in [int(word) for word in sys.argv[1:]] or FILLINGS:
        print(f"{many:7,} holders and operations: {filled(many) * 1e6:,.0f} us a message")


if __name__ == "__main__":
    main()
