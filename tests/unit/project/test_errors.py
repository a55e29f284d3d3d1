"""What users are told about wrong manifests, word for word; the texts are in errors.txt."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tim3tool.errors import ManifestError
from tim3tool.project import load

_BLOCKS = (Path(__file__).parent / "errors.txt").read_text(encoding="utf-8").split("\n===== ")[1:]


def _cases():
    for block in _BLOCKS:
        title, rest = block.split("\n", 1)
        manifest, told = rest.split(">>>>>\n")
        yield pytest.param(manifest, told.strip("\n"), id=title.replace(" ", "-"))


@pytest.mark.parametrize(("manifest", "told"), list(_cases()))
def test_a_wrong_manifest_is_explained(project, manifest, told):
    if "not valid YAML" in told and not yaml.__with_libyaml__:
        pytest.skip("PyYAML's own parser has other words for it")
    assert project.refusal(manifest) == told


def test_no_text_is_told_twice_for_different_reasons():
    titles = [block.split("\n", 1)[0] for block in _BLOCKS]
    assert len(titles) == len(set(titles)) > 100


def test_a_tab_is_named(project):
    assert project.refusal("processes:\n\ttoken: {}\n") == (
        "error: a tab cannot indent YAML\n"
        " --> aoform.yaml:2:1\n"
        "  |\n"
        "2 |  token: {}\n"
        "  | ^\n"
        "  = help: indent with spaces"
    )


def test_an_empty_file_has_no_line_to_show(project):
    assert project.refusal("") == (
        "error: the manifest is empty\n  --> aoform.yaml\n = help: it needs at least `processes:`"
    )


def test_a_byte_that_is_not_utf8_is_found(project):
    assert project.refusal(b"processes:\n  \xc3\xa9\xff: {}\n") == (
        "error: the byte 0xFF is not UTF-8\n --> aoform.yaml:2:4\n  = help: save the manifest as UTF-8"
    )


def test_utf16_is_not_utf8(project):
    assert "the byte 0xFF is not UTF-8" in project.refusal("processes: {}\n".encode("utf-16"))


def test_control_characters_are_refused_and_do_not_reach_the_terminal(project):
    assert project.refusal("processes: {a\x1b[2J: {}}\n") == (
        "error: the character U+001B is not allowed in YAML\n"
        " --> aoform.yaml:1:14\n"
        "  |\n"
        "1 | processes: {a\N{REPLACEMENT CHARACTER}[2J: {}}\n"
        "  |              ^\n"
        "  = help: write it as an escape in double quotes"
    )


def test_a_file_above_1_mib_is_refused(project):
    limit = 1 << 20
    manifest = "processes: {token: {entry: main.lua}}\n"
    assert project.load(manifest + "#" * (limit - len(manifest))).processes
    assert project.refusal(manifest + "#" * (limit - len(manifest) + 1)) == (
        "error: `aoform.yaml` is larger than 1 MiB\n"
        "  --> aoform.yaml\n"
        " = help: keep data out of the manifest, in Lua files"
    )


def test_a_missing_manifest_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ManifestError) as raised:
        load(Path("other.yaml"))
    assert str(raised.value) == "there is no `other.yaml`"
    assert raised.value.help == "name the manifest with -f, or go to its folder"


def test_a_folder_is_no_manifest(tmp_path):
    with pytest.raises(ManifestError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_places_are_named_as_seen_from_the_current_folder(project, monkeypatch):
    (project.root / "sub").mkdir()
    path = project.root / "sub" / "aoform.yaml"
    path.write_text("processes: []\n")
    monkeypatch.chdir(project.root)
    with pytest.raises(ManifestError, match=r"^sub/aoform\.yaml:1:12: "):
        load(path)


def test_crlf_lines_are_lines(project):
    told = project.refusal('processes:\r\n  token:\r\n    entry: main.lua\r\n    tags: {A: "{{ foo }}"}\r\n')
    assert " --> aoform.yaml:4:19\n" in told
    assert '4 |     tags: {A: "{{ foo }}"}\n' in told


def test_a_byte_order_mark_takes_no_column(project):
    assert " --> aoform.yaml:1:1\n" in project.refusal("\N{ZERO WIDTH NO-BREAK SPACE}process: {}\n")


@pytest.mark.parametrize(
    ("limit", "tags"),
    [
        pytest.param("the name of a tag is {} bytes long", lambda size: f"? {'x' * size}\n      : y", id="name"),
        pytest.param("the value of a tag is {} bytes long", lambda size: f"X: {'y' * size}", id="value"),
    ],
)
def test_tags_have_the_limits_of_ans104(project, limit, tags):
    most = 1024 if "name" in limit else 3072
    manifest = "processes:\n  token:\n    entry: main.lua\n    tags:\n      {}\n"
    assert project.load(manifest.format(tags(most))).process("token").tags
    assert limit.format(f"{most + 1:,}") in project.refusal(manifest.format(tags(most + 1)))


def test_the_limit_counts_bytes(project):
    manifest = f"processes: {{token: {{entry: main.lua, tags: {{X: {'é' * 1537}}}}}}}"
    assert "the value of a tag is 3,074 bytes long" in project.refusal(manifest)


def test_aliases_that_unfold_without_bound_are_refused(project):
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 12)]
    told = project.refusal("\n".join(["l0: &l0 [x, x]", *levels]))
    assert told.startswith("error: the manifest holds more than 100,000 values\n --> aoform.yaml:6:")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused(project, opening):
    assert "the manifest is nested too deeply" in project.refusal(opening * 5000)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("9" * 5000, "not a valid template: Exceeds the limit (4300 digits)"),
        ("(" * 500 + "owner" + ")" * 500, "the template is nested too deeply"),
        ("not " * 5000 + "owner", "the template is nested too deeply"),
        ("owner" + ".x" * 5000, "is not a value"),
    ],
    ids=["digits", "brackets", "nots", "dots"],
)
def test_a_template_cannot_exhaust_anything(project, expression, told):
    manifest = f"processes: {{token: {{entry: main.lua, setup: [{{action: A, data: '{{{{ {expression} }}}}'}}]}}}}"
    assert told in project.refusal(manifest).splitlines()[0]


@pytest.mark.parametrize("path", ["x" * 300 + ".lua", "x" * 300 + "/main.lua", "x/" * 5000 + "main.lua", '"a\\0b"'])
def test_a_path_no_file_system_takes(project, path):
    told = project.refusal(f"processes: {{token: {{entry: {path}}}}}")
    assert told.startswith("error: `entry` of process `token` does not exist\n --> aoform.yaml:1:28\n")


def test_half_a_surrogate_pair_is_refused(project):
    assert "aoform.yaml:1:" in project.refusal('"\\ud800": x\n')
