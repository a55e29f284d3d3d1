"""Processes that note what they get and send it on."""

from __future__ import annotations

from tim3tool.sim import Message, Network, address

OWNER, ALICE = address("owner"), address("alice")
NOTE = 'Log = Log or {} Handlers.add("Note", function(m) Log[#Log + 1] = m.Data end)'
RELAY = """Handlers.add("Go", function(m)
  for word in m.Data:gmatch("%S+") do Send({Target = m.To, Action = m.Then or "Note", To = m.Next, Data = word}) end
end)"""


class Town:
    """A network with shorthands."""

    def __init__(self, **options) -> None:
        self.network = Network(**options)

    def spawn(self, code: str, **options) -> str:
        process = self.network.spawn(owner=OWNER, **options).process
        assert self.network.install(process, code).result.error is None
        return process

    def post(self, target: str, data: str = "", *, sender: str = ALICE, **tags: str) -> str:
        return self.network.post(Message(sender=sender, target=target, tags=tuple(tags.items()), data=data))

    def go(self, relay: str, data: str, **tags: str) -> None:
        self.post(relay, data, Action="Go", **tags)

    def log(self, process: str) -> list[str]:
        found = self.network.process(process).read("Log")
        return found if isinstance(found, list) else []
