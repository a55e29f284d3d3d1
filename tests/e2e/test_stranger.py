"""TIM3 as somebody uses it who has read docs/protocol.md and nothing else: deployed, and spoken to on the command line."""

from __future__ import annotations

import shutil
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Project

    Make = Callable[[Path], Project]

ROOT: Final = Path(__file__).parents[2]
UNIT: Final = 10**12
NETWORKS: Final = {"custody": "local", "lock": "local-lock"}
DEAF: Final = 'Handlers.prepend("deaf", function(m) return m.Action == "Mint" end, function() end)'

Tags = dict[str, str]


class System:
    """TIM3 on a network, and its users."""

    def __init__(self, project: Project, mode: str) -> None:
        self.project, self.mode, self.network = project, mode, NETWORKS[mode]
        self.addresses = {"admin": ""}
        self.run("deploy")
        self.ids = {name: self.read(name, "Info", Process="")["Process"] for name in ("coordinator", "lock-manager")}
        for user in ("alice", "bob"):
            self.addresses[user] = project.run("wallet", "new", f"{user}.json", "--json").document["address"]
            self.told(self.say("admin", "mock-usda", "Mint", Recipient=self.addresses[user], Quantity=str(100 * UNIT)))

    def run(self, *words: str) -> Any:
        """Run a command on this network; return its document."""
        ran = self.project.run(*words, "--network", self.network, "--json")
        assert ran.code == 0, ran.out + ran.err
        return ran.document

    def say(self, user: str, process: str, action: str, data: str = "", **tags: str) -> tuple[str, list[Tags]]:
        """Send a message; return its id, and the tags of what the process sent."""
        words = ["message", process, "--action", action, "--data", data]
        words += [] if user == "admin" else ["--wallet", f"{user}.json"]
        for name, value in tags.items():
            words += ["-t", f"{name.replace('_', '-')}={value}"]
        document = self.run(*words)
        return document["message"], _tags(document)

    def told(self, said: tuple[str, list[Tags]]) -> Tags:
        """Return the answer with an action that went to the sender: the last message to nobody of the five."""
        answers = [one for one in said[1] if one["Target"] not in self.ids.values() and "Action" in one]
        assert answers, said
        return answers[-1]

    def read(self, process: str, action: str, **tags: str) -> Tags:
        """Ask without leaving a trace."""
        words = ["dryrun", process, "--action", action]
        for name, value in tags.items():
            words += ["-t", f"{name.replace('_', '-')}={value}"]
        return _tags(self.run(*words))[0]

    def holds(self, user: str) -> tuple[int, int]:
        """Return a user's TIM3 and USDA, in whole units."""
        found = [self.read(one, "Balance", Recipient=self.addresses[user]) for one in ("token-manager", "mock-usda")]
        return int(found[0]["Balance"]) // UNIT, int(found[1]["Balance"]) // UNIT

    def mint(self, user: str, quantity: int) -> str:
        """Mint as rows 1 to 17 of the table say; return the Op-Id."""
        amount = str(quantity * UNIT)
        if self.mode == "lock":
            said = self.say(user, "mock-usda", "Approve", Spender=self.ids["lock-manager"], Quantity=amount)
            assert self.told(said)["Action"] == "Approve-Confirmed"
        pending = self.told(self.say(user, "coordinator", "Mint", Quantity=amount, Client_Ref="mine-1"))
        assert pending["Action"] == "Mint-Pending"
        assert (pending["Quantity"], pending["Collateral-Mode"], pending["Client-Ref"]) == (amount, self.mode, "mine-1")
        assert int(pending["Deadline"]) > 0
        assert ("Deposit-To" in pending) == (self.mode == "custody")
        if self.mode == "custody":
            assert (pending["Deposit-To"], pending["Deposit-Quantity"]) == (self.ids["lock-manager"], amount)
            tags = {"Recipient": pending["Deposit-To"], "Quantity": amount, "X-Action": "Mint"}
            self.say(user, "mock-usda", "Transfer", **tags, X_Op_Id=pending["Op-Id"])
        return pending["Op-Id"]

    def deposit(self, user: str, quantity: int) -> str:
        """Transfer collateral that no request announced; return the Op-Id, of the notice's Reference."""
        tags = {"Recipient": self.ids["lock-manager"], "Quantity": str(quantity * UNIT)}
        sent = self.say(user, "mock-usda", "Transfer", **tags)[1]
        return "d" + next(one["Reference"] for one in sent if one.get("Action") == "Credit-Notice")

    def status(self, id_: str) -> Tags:
        """Return how an operation stands."""
        return self.read("coordinator", "Op-Status", Op_Id=id_)


def _tags(document: Any) -> list[Tags]:
    messages = document["result"]["Messages"]
    return [
        {one["name"]: one["value"] for one in message["Tags"]} | {"Target": message.get("Target", "")}
        for message in messages
    ]


@pytest.fixture(params=NETWORKS, scope="module")
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, project_in: Make) -> System:
    """Return TIM3 in one of its modes, as it is after `deploy`."""
    project = project_in(tmp_path_factory.mktemp(request.param))
    shutil.copytree(ROOT / "ao", project.folder / "ao", dirs_exist_ok=True)
    shutil.copy(ROOT / "aoform.yaml", project.folder)
    return System(project, request.param)


@pytest.fixture
def system(deployed: System, tmp_path: Path, project_in: Make) -> System:
    """Return a copy of it, with its network."""
    own = copy(deployed)
    own.project = project_in(tmp_path)
    shutil.copytree(deployed.project.folder, tmp_path, dirs_exist_ok=True)
    return own


def test_mint_transfer_burn_and_claim(system: System):
    id_ = system.mint("alice", 10)
    done = system.status(id_)
    assert [done[name] for name in ("Action", "Kind", "State")] == ["Op-Status-Reply", "mint", "completed"]
    assert system.holds("alice") == (10, 90)

    tags = {"Recipient": system.addresses["bob"], "Quantity": str(4 * UNIT), "X-Note": "hi"}
    sent = system.say("alice", "token-manager", "Transfer", **tags)[1]
    assert {one["Action"] for one in sent if one.get("X-Note") == "hi"} == {"Debit-Notice", "Credit-Notice"}

    pending = system.told(system.say("bob", "coordinator", "Burn", Quantity=str(4 * UNIT)))
    assert pending["Action"] == "Burn-Pending"
    burned = system.status(pending["Op-Id"])
    assert burned["State"] == "completed"
    if system.mode == "lock":
        assert burned["Payout-State"] == "unlocked"
    else:
        assert burned["Payout-State"] == "claimable"
        owed = system.read("lock-manager", "Claimable", User=system.addresses["bob"])
        assert (owed["Action"], owed["Quantity"]) == ("Claimable-Reply", str(4 * UNIT))
        for quantity in (1, 3):
            said = system.say("bob", "lock-manager", "Claim", Quantity=str(quantity * UNIT))
            claimed = system.told(said)
            assert (claimed["Action"], claimed["Quantity"]) == ("Claim-Sent", str(quantity * UNIT))
            assert claimed["Payout-Id"]
        refused = system.told(system.say("bob", "lock-manager", "Claim"))
        assert (refused["Action"], refused["Error-Code"]) == ("Claim-Error", "nothing-to-claim")
    assert system.holds("bob") == (0, 104)

    system.say("bob", "state-manager", "Refresh")
    report = system.read("state-manager", "Status")
    assert (report["Level"], report["Ratio"], report["Supply"]) == ("Normal", "10000", str(6 * UNIT))


def test_refusals_pause_and_rights(system: System):
    for quantity in ("0", "0x10", "9" * 39):
        id_, said = system.say("alice", "coordinator", "Mint", Quantity=quantity)
        refused = system.told((id_, said))
        assert (refused["Action"], refused["Error-Code"]) == ("Mint-Error", "invalid-quantity")
        assert refused["Message-Id"] == id_
        assert refused["Error"]
    small = system.told(system.say("alice", "coordinator", "Mint", Quantity="1"))
    assert (small["Error-Code"], small["Limit"]) == ("below-minimum", str(UNIT))

    assert system.told(system.say("alice", "coordinator", "Pause", Scope="all"))["Error-Code"] == "unauthorised"
    named = system.say("admin", "coordinator", "Set-Guardian", Guardian=system.addresses["bob"])
    assert system.told(named)["Action"] == "Set-Guardian-Ok"
    paused = system.told(system.say("bob", "coordinator", "Pause", Scope="mint", Reason="a drill"))
    assert (paused["Action"], paused["Scope"]) == ("Pause-Ok", "mint")
    refused = system.told(system.say("alice", "coordinator", "Mint", Quantity=str(UNIT)))
    assert (refused["Action"], refused["Error-Code"]) == ("Mint-Error", "paused")
    assert system.told(system.say("bob", "coordinator", "Unpause", Scope="mint"))["Action"] == "Unpause-Error"
    assert system.told(system.say("admin", "coordinator", "Unpause", Scope="mint"))["Action"] == "Unpause-Ok"
    id_ = system.mint("alice", 1)
    assert system.status(id_)["State"] == "completed"

    # what only processes may say is met with silence
    tags = {"Op_Id": id_, "User": system.addresses["bob"], "Quantity": str(50 * UNIT)}
    for process, action in (
        ("token-manager", "Mint"),
        ("token-manager", "Voucher"),
        ("lock-manager", "Release-Order"),
        ("coordinator", "Mint-Confirmed"),
        ("state-manager", "Report"),
    ):
        assert system.say("bob", process, action, **tags)[1] == []
    assert system.holds("bob") == (0, 100)


def test_a_timeout_asks_and_the_breaker_trips(system: System):
    limits = {"Op_Timeout_Ms": "1", "Breaker_Faults": "1"}
    assert system.told(system.say("admin", "coordinator", "Set-Limits", **limits))["Action"] == "Set-Limits-Ok"
    system.say("admin", "token-manager", "Eval", DEAF)
    id_ = system.mint("alice", 5) if system.mode == "lock" else system.deposit("alice", 5)
    system.say("bob", "coordinator", "Tick")  # the deadline has come: the token is asked what is true
    nudged = system.told(system.say("bob", "coordinator", "Nudge", Op_Id=id_))
    assert nudged["Action"] == "Nudge-Ok"
    assert system.status(id_)["Outcome"] == "refunded"
    refused = system.told(system.say("alice", "coordinator", "Mint", Quantity=str(UNIT)))
    assert (refused["Action"], refused["Error-Code"]) == ("Mint-Error", "paused")
    assert int(refused["Retry-After-Ms"]) > 0
    if system.mode == "custody":
        assert system.told(system.say("alice", "lock-manager", "Claim"))["Quantity"] == str(5 * UNIT)
    assert system.holds("alice") == (0, 100)
