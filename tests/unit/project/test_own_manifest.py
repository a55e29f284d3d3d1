"""The manifest of this repository, and those its documentation shows."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from tim3tool.project import Context, load, render, spawn_order

ROOT = Path(__file__).parents[3]
EXAMPLES = re.findall(
    r"```yaml\n(.*?)```", (ROOT / "docs/reference/manifest.md").read_text(encoding="utf-8"), re.DOTALL
)


def test_the_deployer_starts_with_1000_usda():
    manifest = load(ROOT / "aoform.yaml")
    usda = manifest.process("mock-usda")
    (mint,) = usda.setup
    context = Context(processes={}, network="local", owner="o" * 43)
    assert {tag.name: render(tag.value, context) for tag in mint.tags} == {
        "Action": "Mint",
        "Recipient": "o" * 43,
        "Quantity": str(1000 * 10**12),
    }
    assert usda.entry == ROOT / "ao/mock-usda/src/main.lua"
    assert manifest.templates == ("ao/shared/?.lua",)


@pytest.mark.parametrize(("network", "mode"), [("local", "custody"), ("local-lock", "lock")])
def test_the_processes_of_tim3_are_told_the_same(network, mode):
    manifest = load(ROOT / "aoform.yaml")
    ids = {name: chr(97 + index) * 43 for index, name in enumerate(manifest.processes)}
    context = Context(processes=ids, network=network, owner="o" * 43)
    told = []
    for name in ("coordinator", "lock-manager", "state-manager", "token-manager"):
        configure = manifest.process(name).setup[0]
        told.append({tag.name: render(tag.value, context) for tag in configure.tags})
    assert told[0]["Collateral-Mode"] == mode
    assert told[0]["Usda"] == ids["mock-usda"]
    assert told[0]["Lock-Manager"] == ids["lock-manager"]
    assert all(tags == told[0] for tags in told)
    assert list(manifest.processes)[-1] == "coordinator"  # it is activated when the others have greeted it


def whole(example):
    """An example of a part of a process as a manifest."""
    if not example.startswith(("setup:", "smoke:")):
        return example
    process = textwrap.indent(f"entry: token/main.lua\n{example}", "    ")
    return f"processes:\n  token:\n{process}  market: {{entry: token/main.lua}}\n"


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_documentation_loads(tmp_path, example):
    for path in re.findall(r"(?:entry|file|prerun): ([^ ,}\n]+)", whole(example)):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "aoform.yaml").write_text(whole(example), encoding="utf-8")
    manifest = load(tmp_path / "aoform.yaml")
    assert manifest.shape == ("aoform" if example.startswith("- name") else "mapping")
    assert spawn_order(manifest, manifest.processes) == tuple(manifest.processes)
    assert {"token"} <= set(manifest.processes) <= {"token", "market"}
