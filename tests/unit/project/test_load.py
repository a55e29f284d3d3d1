"""What a right manifest says."""

from __future__ import annotations

import pytest

from tim3tool.errors import UsageError, explain
from tim3tool.project.networks import known_networks

AOS = "ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s"
SCHEDULER = "_GQ33BkPtZrqxA84vM8Zk-N2aO0toNNu_C-l-rawrBA"
AUTHORITY = "fcoN_xJeisVsPXA-trzVAuIiqO3ydLQxM-L4XbrQKzY"
OTHER = "a" * 43

SMALLEST = "processes: {token: {entry: main.lua}}\n"
WHOLE = f"""\
networks:
  local: {{kind: embedded}}
  staging: {{kind: embedded}}
defaults:
  module: {OTHER}
  authority: [{AUTHORITY}, "{{{{ env.NODE }}}}"]
  tags: {{App: Demo, Stage: one}}
path: ["lib/?.lua", "?/init.lua"]
processes:
  token:
    entry: main.lua
  market:
    entry: ./lib/../main.lua
    scheduler: {OTHER}
    authority: "{{{{ processes.token.id }}}}"
    tags:
      - {{name: stage, value: two}}
      - {{name: Peer, value: "{{{{ processes['token'].id }}}}"}}
    prerun: lib/before.lua
    resetModules: false
    directory: true
    setup:
      - action: Configure
        tags: {{Fee: 30}}
        data: |
          yes
      - {{name: go, action: "{{{{ env.GO }}}}"}}
      - action: "{{{{ env.GO }}}}"
      - action: Über alles
"""


def _pairs(tags):
    return [(tag.name, tag.value.value) for tag in tags]


def test_the_smallest_mapping_gets_the_defaults(project):
    manifest = project.load(SMALLEST)
    assert manifest.path == project.root / "aoform.yaml"
    assert manifest.root == project.root
    assert manifest.shape == "mapping"
    assert manifest.templates == ()
    assert manifest.networks == known_networks()
    assert manifest.network("local").kind == "embedded"
    token = manifest.process("token")
    assert token.entry == project.root / "main.lua"
    assert (token.module, token.scheduler) == (AOS, SCHEDULER)
    assert [text.value for text in token.authority] == [AUTHORITY]
    assert (token.tags, token.setup, token.prerun) == ((), (), None)
    assert (token.reset_modules, token.directory, token.pack) == (True, False, True)
    assert str(token.where).endswith("aoform.yaml:1:13")


def test_a_whole_mapping(project):
    manifest = project.load(WHOLE)
    assert list(manifest.networks) == [*known_networks(), "staging"]
    assert manifest.networks["staging"].where.line == 3
    assert list(manifest.processes) == ["token", "market"]
    assert manifest.templates == ("lib/?.lua", "?/init.lua")
    market = manifest.process("market")
    assert market.entry == project.root / "main.lua"
    assert market.prerun == project.root / "lib" / "before.lua"
    assert (market.module, market.scheduler) == (OTHER, OTHER)
    assert (market.reset_modules, market.directory, market.pack) == (False, True, True)
    assert [text.value for text in market.authority] == ["{{ processes.token.id }}"]
    assert market.where.line == 12


def test_defaults_are_replaced_value_by_value_and_tag_by_tag(project):
    processes = project.load(WHOLE).processes
    assert _pairs(processes["token"].tags) == [("App", "Demo"), ("Stage", "one")]
    assert _pairs(processes["market"].tags) == [
        ("App", "Demo"),
        ("stage", "two"),
        ("Peer", "{{ processes['token'].id }}"),
    ]
    assert [text.value for text in processes["token"].authority] == [AUTHORITY, "{{ env.NODE }}"]
    assert (processes["token"].module, processes["token"].scheduler) == (OTHER, SCHEDULER)


def test_setup_messages_have_an_action_and_a_stable_name(project):
    setup = project.load(WHOLE).process("market").setup
    assert [message.name for message in setup] == ["1-Configure", "go", "3", "4--ber-alles"]
    assert _pairs(setup[0].tags) == [("Action", "Configure"), ("Fee", "30")]
    assert setup[0].data.value == "yes\n"
    assert setup[1].data.value == ""
    assert [message.where.line for message in setup] == [23, 27, 28, 29]


@pytest.mark.parametrize(
    "written",
    [
        "no",
        "0123",
        "0x1F",
        "12:30:45",
        "1e3",
        "1_000",
        "~",
        "null",
        "2001-01-01",
        "true",
        ".inf",
        "1000000000000000000000",
    ],
)
def test_values_are_text_as_written(project, written):
    manifest = project.load(f"processes: {{token: {{entry: main.lua, tags: {{Value: {written}}}}}}}")
    assert _pairs(manifest.process("token").tags) == [("Value", written)]


def test_names_are_text_as_written(project):
    assert list(project.load("processes: {0123: {entry: main.lua}, no: {entry: main.lua}}").processes) == ["0123", "no"]


def test_tags_keep_the_order_of_the_file(project):
    manifest = project.load("processes: {token: {entry: main.lua, tags: {Zed: 1, Alpha: 2, Name: Token}}}")
    assert [tag.name for tag in manifest.process("token").tags] == ["Zed", "Alpha", "Name"]


def test_anchors_and_aliases_stand_for_each_other(project):
    manifest = project.load(
        "processes:\n"
        "  a:\n    entry: &main main.lua\n    tags: &common  # for both\n      App: &app Demo\n      Two: *app\n"
        "  b: {entry: *main, tags: *common}\n"
    )
    assert _pairs(manifest.process("b").tags) == [("App", "Demo"), ("Two", "Demo")]
    assert manifest.process("b").tags[0].value.where.column == 17  # where Demo stands, not its anchor


def test_a_merge_key_in_quotes_is_a_name(project):
    token = project.load("processes: {token: {entry: main.lua, tags: {'<<': x}}}").process("token")
    assert _pairs(token.tags) == [("<<", "x")]


def test_a_tag_authority_goes_before_the_default(project):
    for tags in ("{Authority: x}", "[{name: authority, value: x}]"):
        token = project.load(f"processes: {{token: {{entry: main.lua, tags: {tags}}}}}").process("token")
        assert token.authority == ()
        assert [tag.value.value for tag in token.tags] == ["x"]


def test_an_empty_authority_trusts_nobody(project):
    assert project.load("processes: {token: {entry: main.lua, authority: []}}").process("token").authority == ()


def test_every_text_knows_its_place(project):
    manifest = project.load(WHOLE)
    lines = WHOLE.split("\n")
    texts = [text for spec in manifest.processes.values() for text in spec.spawn_texts]
    texts += [tag.value for message in manifest.process("market").setup for tag in message.tags]
    for text in texts:
        where = text.where
        assert where.text == lines[where.line - 1]
        written = where.text[where.column - 1 : where.column - 1 + where.length]
        assert written.strip('"') == text.value


def test_a_data_of_two_documents_marks_is_text(project):
    manifest = project.load('processes: {token: {entry: main.lua, setup: [{action: A, data: "---"}]}}\n---\n'[:-4])
    assert manifest.process("token").setup[0].data.value == "---"


AOFORM = f"""\
- name: registry
  file: main.lua
- name: token
  file: ./main.lua
  prerun: lib/before.lua
  scheduler: {OTHER}
  module: {OTHER}
  resetModules: false
  directory: true
  pack: true
  tags:
    - name: Registry
      value: registry
    - name: Name
      value: token
    - name: Note
      value: "{{{{ not a template }}}} {{%"
"""


def test_aoforms_list_as_it_is(project):
    manifest = project.load(AOFORM)
    assert manifest.shape == "aoform"
    assert manifest.networks == known_networks()
    assert manifest.templates == ()
    assert list(manifest.processes) == ["registry", "token"]
    token = manifest.process("token")
    assert token.entry == project.root / "main.lua"
    assert token.prerun == project.root / "lib" / "before.lua"
    assert (token.module, token.scheduler) == (OTHER, OTHER)
    assert (token.reset_modules, token.directory, token.pack) == (False, True, True)
    assert [tag.value.form for tag in token.tags] == ["process", "literal", "literal"]
    assert token.setup == ()
    assert token.where.line == 3


def test_aoforms_defaults(project):
    registry = project.load(AOFORM).process("registry")
    assert (registry.module, registry.scheduler, registry.tags) == (AOS, SCHEDULER, ())
    assert (registry.reset_modules, registry.directory, registry.pack) == (True, False, False)
    assert [text.value for text in registry.authority] == [AUTHORITY]


def test_an_unknown_process_name_is_a_usage_error(project):
    manifest = project.load("processes: {mock-usda: {entry: main.lua}, token: {entry: main.lua}}")
    with pytest.raises(UsageError) as raised:
        manifest.process("mock_usd")
    assert explain(raised.value) == "error: no process is named `mock_usd`\n = help: did you mean `mock-usda`?"
    with pytest.raises(UsageError) as raised:
        manifest.process("x")
    assert raised.value.help == "processes in the manifest: `mock-usda`, `token`"


def test_an_unknown_network_name_is_a_usage_error(project):
    with pytest.raises(UsageError) as raised:
        project.load(SMALLEST).network("mainnet")
    assert (
        explain(raised.value)
        == "error: no network is named `mainnet`\n = help: known networks: `local`, `wao`, `legacynet`, `hyperbeam`, `jonny-ringo`"
    )


def test_a_manifest_named_by_a_winding_path(project, monkeypatch):
    from pathlib import Path

    from tim3tool.project import load

    project.load(SMALLEST)
    monkeypatch.chdir(project.root / "lib")
    manifest = load(Path("../lib/../aoform.yaml"))
    assert manifest.path == project.root / "aoform.yaml"
    assert manifest.process("token").entry == project.root / "main.lua"
