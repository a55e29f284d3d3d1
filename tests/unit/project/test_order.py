"""In which order processes are spawned."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proof import sample

from tim3tool.errors import ManifestError, UsageError, explain
from tim3tool.project import references, spawn_order


def manifest(**needs):
    """Return a manifest whose processes refer, in spawn tags, to the ids of others."""
    text = "processes:\n"
    for name, others in needs.items():
        text += f"  {name}:\n    entry: main.lua\n    tags:\n      Name: {name}\n"
        text += "".join(f"      To-{other}: \"{{{{ processes['{other}'].id }}}}\"\n" for other in others)
    return text


def test_the_order_of_the_file_decides_when_references_do_not(project):
    loaded = project.load(manifest(c="", a="", b=""))
    assert spawn_order(loaded, ["b", "a", "c"]) == ("c", "a", "b")


def test_a_process_follows_those_it_refers_to(project):
    loaded = project.load(manifest(a="bc", b="c", c="", d=""))
    assert spawn_order(loaded, loaded.processes) == ("c", "d", "b", "a")


def test_only_what_is_asked_for_is_ordered(project):
    loaded = project.load(manifest(a="b", b="c", c="b"))
    assert spawn_order(loaded, ["a", "c"]) == ("a", "c")
    assert spawn_order(loaded, []) == ()


def test_an_authority_is_known_at_spawn_too(project):
    loaded = project.load(
        'processes:\n  a: {entry: main.lua, authority: "{{ processes.b.id }}"}\n  b: {entry: main.lua}\n'
    )
    assert spawn_order(loaded, loaded.processes) == ("b", "a")


def test_setup_messages_and_code_hashes_put_no_one_first(project):
    loaded = project.load(
        "processes:\n"
        "  a:\n    entry: main.lua\n"
        "    tags: {B: \"{{ processes['b'].bundle.sha256 }}\"}\n"
        "    setup: [{action: A, tags: {B: \"{{ processes['b'].id }}\", Me: \"{{ processes['a'].id }}\"}}]\n"
        "  b: {entry: main.lua, tags: {A: \"{{ processes['a'].id }}\"}}\n"
    )
    assert spawn_order(loaded, loaded.processes) == ("a", "b")


def test_a_cycle_is_named_with_the_way_out(project):
    loaded = project.load(manifest(x="", c="a", a="b", b="c"))
    with pytest.raises(ManifestError) as raised:
        spawn_order(loaded, loaded.processes)
    assert explain(raised.value).replace(f"{project.root}/", "") == (
        "error: spawn tags need each other's ids: `c` -> `a` -> `b` -> `c`\n"
        "  --> aoform.yaml:10:13\n"
        "   |\n"
        "10 |       To-a: \"{{ processes['a'].id }}\"\n"
        "   |             ^^^^^^^^^^^^^^^^^^^^^^^^^ needs the id of `a`\n"
        "   = help: a spawn tag is fixed before later ids are known: send one of the ids in a message of `setup:`"
    )


def test_a_process_cannot_hold_its_own_id_in_a_spawn_tag(project):
    loaded = project.load(manifest(a="a"))
    with pytest.raises(ManifestError, match="spawn tags need each other's ids: `a` -> `a`"):
        spawn_order(loaded, ["a"])


AOFORM = """\
- {name: a, file: main.lua, tags: [{name: Name, value: a}, {name: B, value: b}]}
- {name: b, file: main.lua, tags: [{name: Name, value: b}]}
"""


def test_aoforms_names_are_references_to_others_only(project):
    loaded = project.load(AOFORM)
    assert [references(tag.value) for tag in loaded.process("a").tags] == [frozenset(), frozenset("b")]
    assert spawn_order(loaded, loaded.processes) == ("b", "a")


def test_a_cycle_in_aoforms_list_has_its_own_way_out(project):
    loaded = project.load(AOFORM.replace("value: b}]}\n", "value: a}]}\n").replace("B, value: a", "B, value: b"))
    with pytest.raises(ManifestError) as raised:
        spawn_order(loaded, loaded.processes)
    assert raised.value.help.endswith("set `directory: true` and read one of the ids from `aoform.directory`")


def test_an_unknown_name(project):
    with pytest.raises(UsageError, match="no process is named `tokn`"):
        spawn_order(project.load(manifest(token="")), ["tokn"])


@given(st.dictionaries(st.sampled_from("abcdef"), st.sets(st.sampled_from("abcdef")), min_size=6))
@settings(
    max_examples=sample(50),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_one_comes_before_what_they_need_unless_there_is_a_cycle(project, needs):
    loaded = project.load(manifest(**{name: sorted(others) for name, others in needs.items()}))
    try:
        order = spawn_order(loaded, loaded.processes)
    except ManifestError as error:
        cycle = error.message.split(": ")[1].replace("`", "").split(" -> ")
        assert cycle[0] == cycle[-1]
        assert all(after in needs[before] for before, after in itertools.pairwise(cycle))
    else:
        assert sorted(order) == sorted(needs)
        assert all(needs[name] <= set(order[:place]) for place, name in enumerate(order))
