"""Set-up messages, what they expect, smoke checks, and what is different on single networks."""

from __future__ import annotations

import pytest

from tim3tool.errors import ManifestError, UsageError
from tim3tool.project import Context, config_of, render, spawn_order

OTHER, THIRD = "a" * 43, "b" * 43
BASE = "processes:\n  token:\n    entry: main.lua\n"


def pairs(tags):
    return [(tag.name, tag.value.value) for tag in tags]


def test_what_a_set_up_message_expects(project):
    manifest = project.load(
        BASE + "    setup:\n"
        "      - action: Mint\n"
        "        expect:\n"
        "          - action: Minted\n"
        '            tags: {Quantity: 5, To: "{{ owner }}"}\n'
        "            data: ''\n"
        f"            target: {OTHER}\n"
        "          - json: {supply: 5, name: no}\n"
        "          - output: hello\n"
        "      - action: Quiet\n"
        "      - action: One\n"
        "        expect: {action: Done}\n"
    )
    mint, quiet, one = manifest.process("token").setup
    reply, document, printed = mint.expect
    assert pairs(reply.tags) == [("Action", "Minted"), ("Quantity", "5"), ("To", "{{ owner }}")]
    assert (reply.data.value, reply.target.value, reply.json, reply.output) == ("", OTHER, None, None)
    assert reply.where.line == 7
    assert document.json["supply"] == 5
    assert (document.json["name"].value, document.tags, document.data) == ("no", (), None)
    assert printed.output.value == "hello"
    assert [each.is_reply for each in mint.expect] == [True, True, False]
    assert (quiet.expect, len(one.expect)) == ((), 1)


def test_a_smoke_check_is_a_message_that_somebody_asks(project):
    manifest = project.load(
        BASE + "    smoke:\n"
        "      - action: Info\n"
        "        expect: {action: Info-Reply}\n"
        f"      - {{name: asked, action: Balance, from: {OTHER}, tags: {{Of: x}}, data: y}}\n"
        '      - {action: "{{ env.X }}", from: "{{ processes.token.id }}"}\n'
    )
    info, asked, rendered = manifest.process("token").smoke
    assert [check.name for check in (info, asked, rendered)] == ["1-Info", "asked", "3"]
    assert (info.sender, len(info.expect), info.data.value) == (None, 1, "")
    assert (pairs(asked.tags), asked.data.value, asked.sender.value) == (
        [("Action", "Balance"), ("Of", "x")],
        "y",
        OTHER,
    )
    assert rendered.sender.is_template


NETWORKS = f"""\
networks:
  staging: {{kind: embedded, config: {{a: network, b: network, c: network}}}}
processes:
  token:
    entry: main.lua
    module: {OTHER}
    tags: {{Name: Token, Stage: one}}
    prerun: lib/before.lua
    config: {{a: process, b: process, d: process}}
    setup: [{{action: Everywhere}}]
    smoke: [{{action: Info}}]
    networks:
      staging:
        module: {THIRD}
        scheduler: {THIRD}
        authority: [{THIRD}]
        tags: {{stage: two, New: "{{{{ processes['market'].id }}}}"}}
        resetModules: false
        onBoot: true
        config: {{b: there}}
        setup: []
        smoke: [{{action: Other}}]
      local: {{tags: {{Authority: me}}}}
  market: {{entry: main.lua}}
"""


def test_a_process_is_different_on_a_network(project):
    manifest = project.load(NETWORKS)
    everywhere = manifest.process("token")
    assert (everywhere.module, everywhere.on_boot, everywhere.smoke[0].name) == (OTHER, False, "1-Info")
    there = manifest.on("staging").process("token")
    assert (there.module, there.scheduler, there.entry) == (THIRD, THIRD, everywhere.entry)
    assert [text.value for text in there.authority] == [THIRD]
    assert pairs(there.tags) == [("Name", "Token"), ("stage", "two"), ("New", "{{ processes['market'].id }}")]
    assert (there.prerun, there.reset_modules, there.on_boot) == (everywhere.prerun, False, True)
    assert (there.setup, [check.name for check in there.smoke]) == ((), ["1-Other"])
    assert there.where.line == 13
    assert there.networks == {}
    here = manifest.on("local").process("token")
    assert (here.module, here.authority, pairs(here.tags)[-1]) == (OTHER, (), ("Authority", "me"))
    assert [message.name for message in here.setup] == ["1-Everywhere"]
    assert manifest.on("wao").process("token").module == OTHER


def test_constants_go_from_the_process_over_the_network_to_the_process_there(project):
    manifest = project.load(NETWORKS)

    def seen(network):
        there = manifest.on(network)
        context = Context(processes={}, network=network, owner="ME")
        return config_of(there.process("token"), there.network(network), context)

    assert seen("staging") == {"a": "network", "b": "there", "c": "network", "d": "process"}
    assert seen("local") == {"a": "process", "b": "process", "d": "process"}


def test_the_order_of_spawns_is_that_of_the_network(project):
    manifest = project.load(NETWORKS)
    assert spawn_order(manifest.on("local"), manifest.processes) == ("token", "market")
    assert spawn_order(manifest.on("staging"), manifest.processes) == ("market", "token")


def test_a_manifest_on_an_unknown_network(project):
    with pytest.raises(UsageError, match="no network is named `stagin`"):
        project.load(NETWORKS).on("stagin")


def test_code_that_goes_with_the_spawn_needs_the_ids_of_its_constants_first(project):
    booted = "{entry: main.lua, onBoot: %s, config: {peers: [{id: \"{{ processes['second'].id }}\"}]}}"
    manifest = "processes:\n  first: " + booted + "\n  second: {entry: main.lua}\n"
    assert spawn_order(project.load(manifest % "false"), ["first", "second"]) == ("first", "second")
    assert spawn_order(project.load(manifest % "true"), ["first", "second"]) == ("second", "first")


def test_code_that_goes_with_the_spawn_cannot_know_its_own_id(project):
    manifest = project.load(BASE + "    onBoot: true\n    config: {me: \"{{ processes['token'].id }}\"}\n")
    with pytest.raises(ManifestError) as caught:
        spawn_order(manifest, ["token"])
    assert str(caught.value).endswith(
        "aoform.yaml:5:18: processes are spawned with each other's ids: `token` -> `token`"
    )
    assert "ao.id" in caught.value.help


def test_constants_of_a_network_are_those_of_code_that_goes_with_the_spawn(project):
    manifest = project.load(
        "networks: {n: {kind: embedded, config: {peer: \"{{ processes['b'].id }}\"}}}\n"
        "processes: {a: {entry: main.lua, onBoot: true}, b: {entry: main.lua}}\n"
    )
    assert spawn_order(manifest.on("n"), ["a", "b"]) == ("b", "a")
    assert spawn_order(manifest.on("local"), ["a", "b"]) == ("a", "b")
    assert (
        render(manifest.on("n").process("a").spawn_texts[-1], Context(processes={"b": "B"}, network="n", owner="o"))
        == "B"
    )
