"""A small project, its wallet and the embedded network it is deployed to, all in one folder."""

from __future__ import annotations

from collections import Counter

from tim3tool.bundle import build
from tim3tool.deploy.apply import deploy, plan
from tim3tool.deploy.state import load as load_state
from tim3tool.network.embedded import Embedded
from tim3tool.network.log import Log
from tim3tool.project import load

ENVIRON = {"WHO": "me"}
MAPPING = """
processes:
  ledger:
    entry: ledger.lua
    tags: { Name: ledger, Bank: "{{ processes['bank'].id }}" }
    setup:
      - action: Mint
        tags: { Quantity: "100", Bank: "{{ processes['bank'].id }}" }
  bank:
    entry: bank.lua
"""
LIST = """
- name: bank
  file: bank.lua
- name: ledger
  file: ledger.lua
  tags:
    - { name: Bank, value: bank }
    - { name: Word, value: banker }
"""
LEDGER = """
Total = Total or 0
Evals = (Evals or 0) + 1
Handlers.add("mint", "Mint", function(msg)
  Total = Total + tonumber(msg.Quantity)
  msg.reply{ Action = "Minted", Bank = ao.env.Process.Tags.Bank }
end)
"""
CONFIGURED = """
local config = require("tim3tool.config")
Seen = config.fee .. math.type(config.fee) .. " " .. config.other .. " " .. config.who
"""
BANK = "Evals = (Evals or 0) + 1\n"


class World:
    """A project, its wallet and the network `local` in one folder."""

    def __init__(self, root, wallet):
        self.root = root
        self.wallet = wallet
        self.now = 1_800_000_000_000
        self.environ = dict(ENVIRON)
        self.write(MAPPING, ledger=LEDGER, bank=BANK)

    def write(self, manifest=None, **files):
        if manifest is not None:
            (self.root / "aoform.yaml").write_text(manifest)
        for name, text in files.items():
            (self.root / f"{name}.lua").write_text(text)

    @property
    def port(self):
        def clock():
            self.now += 1
            return self.now

        return Embedded(self.root / ".tim3" / "networks" / "local.sqlite", clock=clock)

    def deploy(self, *, port=None, wallet=None, report=None, **options):
        return deploy(
            self.manifest,
            self.bundles,
            port=port or self.port,
            wallet=wallet or self.wallet,
            environ=self.environ,
            report=report or (lambda _: None),
            **options,
        )

    def plan(self, *, port=None, owner=None, **options):
        owner = owner or self.wallet.address
        return plan(self.manifest, self.bundles, port=port or self.port, owner=owner, environ=self.environ, **options)

    @property
    def manifest(self):
        return load(self.root / "aoform.yaml")

    @property
    def bundles(self):
        specs = self.manifest.processes.values()
        return {spec.name: build(spec.entry, name=spec.name, root=self.root) for spec in specs}

    @property
    def items(self):
        return [entry.item for entry in Log(self.root / ".tim3" / "networks" / "local.sqlite", patience=1).after(0)]

    @property
    def sent(self):
        """How often each kind of thing was sent, by the process's name."""
        names = {process.id: name for name, process in self.state.items()}
        return Counter(
            f"{names[item.target or item.id]}:{item.tag('Action') if item.target else 'spawn'}" for item in self.items
        )

    @property
    def state_file(self):
        return self.root / ".tim3" / "state" / "local.json"

    @property
    def state(self):
        state = load_state(self.state_file, network="local")
        return state.processes if state else {}

    @property
    def journal_file(self):
        return self.root / ".tim3" / "journal" / "local.jsonl"

    def read(self, name, expression):
        tags = [("Action", "Eval")]
        return self.port.dry_run(
            self.state[name].id, owner=self.wallet.address, tags=tags, data=f"return tostring({expression})"
        ).text

    @property
    def effects(self):
        """What the set-up message and the two Evals did."""
        return self.read("ledger", "Total"), self.read("ledger", "Evals"), self.read("bank", "Evals")
