"""The tags that make a data item a spawn or a message of AO."""

from __future__ import annotations

import pytest

from tim3tool.errors import UsageError
from tim3tool.network import dataitem
from tim3tool.network.protocol import message_item, process_item
from tim3tool.network.terms import HYPERBEAM, LEGACYNET

PROCESS = "OYC42N-HNH86SqkZOAXASRU5PDo277B10W_Oxy5hZO8"


def test_a_spawn_carries_the_users_tags_then_authorities_then_aos_own(wallet):
    item = process_item(
        wallet, module="M", scheduler="S", nonce="n1", authorities=["A1", "A2"], tags=[("Name", "x"), ("Logo", "y")]
    )
    assert dataitem.verify(item)
    assert (item.target, item.anchor, item.data) == ("", b"", b" ")
    assert item.tags == (
        ("Name", "x"),
        ("Logo", "y"),
        ("Authority", "A1"),
        ("Authority", "A2"),
        ("SDK", "tim3tool"),
        ("Data-Protocol", "ao"),
        ("Variant", "ao.TN.1"),
        ("Type", "Process"),
        ("Module", "M"),
        ("Scheduler", "S"),
        ("Spawn-Nonce", "n1"),
    )


def test_a_message_ends_in_the_tags_of_the_captured_one(wallet):
    item = message_item(wallet, target=PROCESS, tags=[("Action", "Eval")], data=b"return 1")
    assert dataitem.verify(item)
    assert (item.target, item.data) == (PROCESS, b"return 1")
    assert [name for name, _ in item.tags] == ["Action", "SDK", "Data-Protocol", "Variant", "Type"]
    assert item.tag("Type") == "Message"


def test_no_data_is_sent_as_one_space(wallet):
    assert message_item(wallet, target=PROCESS, tags=[]).data == b" "


@pytest.mark.parametrize("name", ["Type", "type", "data_protocol", "Variant", "SDK", "Module", "SCHEDULER"])
def test_a_spawn_refuses_a_tag_of_aos_own(wallet, name):
    with pytest.raises(UsageError, match=f"the tag `{name}` is set by tim3tool and cannot be chosen"):
        process_item(wallet, module="M", scheduler="S", nonce="n", tags=[(name, "x")])


def test_a_message_may_have_a_module_tag_but_no_type(wallet):
    assert message_item(wallet, target=PROCESS, tags=[("Module", "x")]).tag("Module") == "x"
    with pytest.raises(UsageError, match="the tag `Type` is set by tim3tool"):
        message_item(wallet, target=PROCESS, tags=[("Type", "x")])


@pytest.mark.parametrize("terms", [LEGACYNET, HYPERBEAM], ids=["legacynet", "hyperbeam"])
def test_the_largest_eval_makes_the_largest_message(wallet, terms):
    item = message_item(wallet, target=PROCESS, tags=[("Action", "Eval")], data=b"x" * terms.eval_bytes, terms=terms)
    assert len(item.raw) == terms.max_bytes


def test_on_hyperbeam_a_spawn_names_its_devices_and_several_authorities_in_one_tag(wallet):
    item = process_item(
        wallet,
        module="M",
        scheduler="S",
        nonce="n1",
        authorities=["A1", "A2"],
        tags=[("Execution-Device", "lua@5.3a")],
        terms=HYPERBEAM,
    )
    assert item.tags == (
        ("Execution-Device", "lua@5.3a"),
        ("Authority", "A1,A2"),
        ("device", "process@1.0"),
        ("scheduler-device", "scheduler@1.0"),
        ("push-device", "push@1.0"),
        ("accept-bundle", "true"),
        ("require-codec", "application/json"),
        ("SDK", "tim3tool"),
        ("Data-Protocol", "ao"),
        ("Variant", "ao.N.1"),
        ("Type", "Process"),
        ("Module", "M"),
        ("Scheduler", "S"),
        ("Spawn-Nonce", "n1"),
    )


def test_on_hyperbeam_a_message_asks_for_json(wallet):
    item = message_item(wallet, target=PROCESS, tags=[("Action", "Eval")], terms=HYPERBEAM)
    assert (item.tag("require-codec"), item.tag("accept-bundle"), item.tag("Variant")) == (
        "application/json",
        "true",
        "ao.N.1",
    )


@pytest.mark.parametrize("tags", [[("A", "1"), ("A", "2")], [("Name", "1"), ("name", "2")], [("sPAWN-nonce", "x")]])
def test_on_hyperbeam_no_tag_comes_twice_in_whatever_capitals(wallet, tags):
    with pytest.raises(UsageError, match="are one tag on a HyperBEAM node") as caught:
        process_item(wallet, module="M", scheduler="S", nonce="n", tags=tags, terms=HYPERBEAM)
    assert caught.value.exit_code == 2
    assert process_item(wallet, module="M", scheduler="S", nonce="n", tags=tags)


@pytest.mark.parametrize("tag", [("a+link", "x"), ("x", "a+link")])
def test_no_scheduler_takes_what_ends_in_link(wallet, tag):
    with pytest.raises(UsageError, match=r"ends in `\+link`"):
        message_item(wallet, target=PROCESS, tags=[tag])
