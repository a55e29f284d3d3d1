"""A user of TIM3 on a network to which the repository's own processes are deployed, by the commands of tim3tool."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path
from typing import Any

from tim3tool.network import wallet as wallets

ROOT = Path(__file__).parents[1]
WAIT_SECONDS = 120.0
UNIT = 10**12


def with_network(manifest: str, network: str) -> str:
    """Return a manifest that defines one network in place of its own."""
    bare = re.sub(r"^networks:.*\n(?:[ #].*\n)*", "", manifest, flags=re.MULTILINE)
    return f"networks:\n  {network}\n{bare}"


def own_processes(project: Any, network: str, *, mode: str = "custody") -> None:
    """Put the repository's processes in the place of those of a project, on one network."""
    shutil.copytree(ROOT / "ao", project.folder / "ao", dirs_exist_ok=True)
    manifest = with_network((ROOT / "aoform.yaml").read_text(), network)
    project.write("aoform.yaml", re.sub(r"Collateral-Mode: .*", f"Collateral-Mode: {mode}", manifest))


class Party:
    """Somebody with a wallet.

    Args:
        project: runs the commands.
        network: the network's name.
        key: the file of the wallet, which is written.
        wallet: the wallet.
    """

    def __init__(self, project: Any, network: str, key: str, wallet: wallets.Wallet) -> None:
        self.address = wallet.address
        self._project = project
        self._words = ("--network", network, "--wallet", key, "--json")
        wallets.save(wallet, project.folder / key)

    def run(self, verb: str, *words: str) -> Any:
        """Run a command; return its document."""
        ran = self._project.run(verb, *words, *self._words)
        assert ran.code == 0, ran.out + ran.err
        return ran.document

    def verify(self) -> Any:
        """Return what `verify` says, whether all is well or not."""
        return self._project.run("verify", "--network", self._words[1], "--json").document

    def ask(self, process: str, action: str, **tags: str) -> dict[str, str]:
        """Ask a process without leaving a trace; return the tags of its answer, and its data."""
        return self._answer(self.run("dryrun", process, "--action", action, *_options(tags)))

    def send(self, process: str, action: str, **tags: str) -> dict[str, str]:
        """Send a process a message; return the tags of its answer to us, and its data."""
        return self._answer(self.run("message", process, "--action", action, *_options(tags)))

    def balance(self, process: str) -> int:
        """Return what we hold of a token."""
        return int(self.ask(process, "Balance", Recipient=self.address)["Data"])

    def await_balance(self, process: str, amount: int) -> None:
        """Wait until we hold so much of a token: what processes say to each other takes its time."""
        self._until(lambda: self.balance(process), amount)

    def await_claimable(self, amount: int) -> None:
        """Wait until so much can be claimed."""
        self._until(lambda: int(self.ask("lock-manager", "Claimable", User=self.address)["Quantity"]), amount)

    def _until(self, ask: Any, wanted: int) -> None:
        end = time.monotonic() + WAIT_SECONDS
        while (found := ask()) != wanted:
            assert time.monotonic() < end, f"{found} in place of {wanted}"
            time.sleep(0.5)

    def _answer(self, document: Any) -> dict[str, str]:
        sent = [each for each in document["result"]["Messages"] if each["Target"] in (self.address, "1234")]
        assert sent, document
        tags = {tag["name"]: str(tag["value"]) for tag in sent[0]["Tags"]}
        return tags | {"Data": str(sent[0].get("Data", ""))}


def mint_and_burn(user: Party, ids: dict[str, str], *, mode: str = "custody") -> None:
    """Turn 5 USDA of a user's 10 into TIM3, and 2 TIM3 back into USDA.

    Args:
        user: the user, who has nothing.
        ids: the process ids by name.
        mode: whether collateral is transferred or locked in place.
    """
    assert user.send("mock-usda", "Faucet", Quantity=str(10 * UNIT))["X-Action"] == "Faucet"
    if mode == "lock":
        user.send("mock-usda", "Approve", Spender=ids["lock-manager"], Quantity=str(5 * UNIT))
    pending = user.send("coordinator", "Mint", Quantity=str(5 * UNIT))
    assert pending["Action"] == "Mint-Pending", pending
    if mode == "custody":
        assert (pending["Deposit-To"], pending["Deposit-Token"]) == (ids["lock-manager"], ids["mock-usda"])
        claim = {"X-Action": "Mint", "X-Op-Id": pending["Op-Id"]}
        user.send("mock-usda", "Transfer", Recipient=ids["lock-manager"], Quantity=str(5 * UNIT), **claim)
    user.await_balance("token-manager", 5 * UNIT)
    assert user.ask("coordinator", "Op-Status", **{"Op-Id": pending["Op-Id"]})["State"] == "completed"

    burning = user.send("coordinator", "Burn", Quantity=str(2 * UNIT))
    assert burning["Action"] == "Burn-Pending", burning
    user.await_balance("token-manager", 3 * UNIT)
    if mode == "custody":
        user.await_claimable(2 * UNIT)
        assert user.send("lock-manager", "Claim")["Quantity"] == str(2 * UNIT)
    # Collateral that is locked in place stays in the user's balance.
    user.await_balance("mock-usda", 7 * UNIT)


def _options(tags: dict[str, str]) -> list[str]:
    return [word for name, value in tags.items() for word in ("-t", f"{name}={value}")]
