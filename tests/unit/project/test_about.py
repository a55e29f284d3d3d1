"""What templates can say of a network and its processes."""

from __future__ import annotations

import pytest

from tim3tool.errors import ManifestError, explain
from tim3tool.project import STANDARD_AUTHORITY, STANDARD_SCHEDULER, Context, facts, references, render, spawn_order

OTHER, OWN = "a" * 43, "b" * 43
MANIFEST = f"""\
networks:
  node: {{kind: hyperbeam, node: "http://127.0.0.1:1"}}
  units: {{kind: legacynet, mu: "http://m", cu: "http://c", scheduler: {OTHER}, authority: {OTHER}}}
processes:
  token:
    entry: main.lua
    tags: {{Node: "{{{{ network.node }}}}", Peer: "{{{{ processes['market'].module }}}}"}}
    networks: {{units: {{module: {OWN}}}}}
  market: {{entry: main.lua, scheduler: {OTHER}, tags: {{Peer: "{{{{ processes['token'].scheduler }}}}"}}}}
"""


def test_a_network_tells_its_addresses(project):
    manifest = project.load(MANIFEST)
    units = facts(manifest.on("units"), "units")
    assert (units["network", "kind"], units["network", "mu"]) == ("legacynet", "http://m")
    assert (units["network", "scheduler"], units["network", "authority"]) == (OTHER, OTHER)
    assert ("network", "su") not in units
    assert ("network", "node") not in units
    node = facts(manifest.on("node"), "node", scheduler=OWN, authority=OWN)
    assert (node["network", "node"], node["network", "scheduler"], node["network", "authority"]) == (
        "http://127.0.0.1:1",
        OWN,
        OWN,
    )
    local = facts(manifest, "local")
    assert (local["network", "scheduler"], local["network", "authority"]) == (STANDARD_SCHEDULER, STANDARD_AUTHORITY)


def test_a_process_tells_what_it_is_spawned_with_on_that_network(project):
    manifest = project.load(MANIFEST)
    there = facts(manifest.on("units"), "units", scheduler=OWN)
    assert there["processes", "token", "module"] == OWN
    assert there["processes", "token", "scheduler"] == OWN
    assert there["processes", "market", "scheduler"] == OTHER
    assert facts(manifest.on("node"), "node")["processes", "token", "module"] != OWN


def test_they_need_no_process_first(project):
    manifest = project.load(MANIFEST)
    assert spawn_order(manifest, manifest.processes) == ("token", "market")
    assert references(manifest.process("token").tags[1].value) == frozenset()


def test_what_a_network_does_not_have_is_shown_at_its_place(project):
    manifest = project.load(MANIFEST)
    context = Context(processes={}, network="units", owner="o" * 43, known=facts(manifest, "units"))
    with pytest.raises(ManifestError) as caught:
        render(manifest.process("token").tags[0].value, context)
    assert explain(caught.value).replace(f"{project.root}/", "") == (
        "error: network `units` has no `node`\n"
        " --> aoform.yaml:7:30\n"
        "  |\n"
        '7 |     tags: {Node: "{{ network.node }}", Peer: "{{ processes[\'market\'].module }}"}\n'
        "  |                              ^^^^ has no value\n"
        "  = help: give the network the key `node`, or use a default: `network.node | default(…)`"
    )
