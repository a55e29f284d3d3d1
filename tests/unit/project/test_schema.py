"""The JSON Schema for editors: as the tables say, right for right manifests, and wrong for whatever it can know."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from tim3tool.errors import ManifestError
from tim3tool.project import schema
from tim3tool.project.compose import read
from tim3tool.project.document import ListNode, MapNode

ROOT = Path(__file__).parents[3]
VALIDATOR = Draft7Validator(schema.document())
EXAMPLES = re.findall(
    r"```yaml\n(.*?)```", (ROOT / "docs/reference/manifest.md").read_text(encoding="utf-8"), re.DOTALL
)
BLOCKS = (Path(__file__).parent / "errors.txt").read_text(encoding="utf-8").split("\n===== ")[1:]
WRONG = {title: rest.split(">>>>>\n")[0] for title, rest in (block.split("\n", 1) for block in BLOCKS)}

# What no schema sees: files, templates, ids of other entries, and what depends on the rest of the manifest.
UNSEEN = re.compile(
    r"""entry(\ that\ does|\ in\ a\ folder|\ that\ is\ a\ folder|\ outside)|absolute\ entry|prerun\ (that|outside)
    |listed\ file\ that|unknown\ (process|name|attribute|filter|test|character)|a\ process\ as\ a\ value|attribute\ of
    |a\ name\ with\ a\ dash|a\ computed\ name|a\ call|a\ statement|arithmetic|a\ list\ in\ a\ template|an\ order|an\ if
    |unclosed\ (template|comment)|two\ values|empty\ template|unbalanced|carriage|twice|as\ key\ and\ tag|of\ one\ name
    |equal\ to\ a\ derived|URL\ of|on\ an\ unknown\ network|with\ the\ spawn\ and\ (a\ tag|a\ directory\ on)|two\ listed""",
    re.VERBOSE,
)


def instance(node):
    """What an editor makes of a YAML document."""
    if isinstance(node, MapNode):
        return {key.value: instance(value) for key, value in node.items}
    if isinstance(node, ListNode):
        return [instance(item) for item in node.items]
    if not node.style and node.value in {"true", "false"}:
        return node.value == "true"
    if not node.style and node.value in {"", "~", "null"}:
        return None
    if not node.style and re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", node.value):
        return float(node.value)
    return node.value


def problems(path):
    return [error.message for error in VALIDATOR.iter_errors(instance(read(path)))]


def test_the_file_is_what_the_tables_say():
    assert schema.FILE.read_text(encoding="utf-8") == schema.text(), "run `make schema`"
    Draft7Validator.check_schema(schema.document())


@pytest.mark.parametrize("path", ["aoform.yaml", "tim3tool/project/networks.yaml"])
def test_our_own_files_are_right(path):
    found = problems(ROOT / path)
    assert found == ([] if path == "aoform.yaml" else ["'processes' is a required property"])


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_of_the_documentation_are_right(tmp_path, example):
    part = example.startswith(("setup:", "smoke:"))
    whole = f"processes:\n  token:\n    entry: x\n{textwrap.indent(example, '    ')}" if part else example
    (tmp_path / "aoform.yaml").write_text(whole, encoding="utf-8")
    assert problems(tmp_path / "aoform.yaml") == []


@pytest.mark.parametrize(
    "written",
    [
        "networks: {wao: {cu: 'http://127.0.0.1:1'}, x: {kind: legacynet, mu: 'http://a', cu: 'http://b', su: ''}}",
        "networks: {wao: {kind: legacynet}, local: {wallet: ~/key.json}}",
        "path: [a/?.lua]",
        "defaults: {authority: '{{ owner }}', tags: {A: 5, B: true}, minify: full}",
    ],
)
def test_what_the_loader_takes_is_right(project, written):
    project.load(f"{written}\nprocesses: {{token: {{entry: main.lua, onBoot: true, config: {{a: [1, {{b: x}}]}}}}}}\n")
    assert problems(project.root / "aoform.yaml") == []


@pytest.mark.parametrize("title", WRONG)
def test_what_the_loader_refuses_is_wrong_as_far_as_a_schema_can_tell(tmp_path, title):
    (tmp_path / "aoform.yaml").write_bytes(WRONG[title].encode())
    try:
        found = problems(tmp_path / "aoform.yaml")
    except ManifestError:
        return  # it is no YAML
    assert bool(found) is not bool(UNSEEN.search(title)), found


def test_every_key_stands_in_the_documentation():
    from tim3tool.project import keys

    shown = (ROOT / "docs/reference/manifest.md").read_text(encoding="utf-8")
    for table in (keys.TOP, keys.NETWORK, keys.PROCESS, keys.SETUP, keys.SMOKE, keys.EXPECT, keys.AOFORM):
        for key in table:
            assert f"`{key}`" in shown, key
