"""`tim3tool results`."""

from __future__ import annotations

from tim3tool.cli.options import AsJson, Directory, FromMark, Limit, ManifestFile, NetworkName, Process, Timeout, Watch

__all__ = ["results"]


def results(
    process: Process,
    *,
    mark: FromMark = None,
    limit: Limit = 25,
    watch: Watch = False,
    network: NetworkName = "local",
    directory: Directory = None,
    file: ManifestFile = None,
    timeout: Timeout = None,
    as_json: AsJson = False,
) -> int:
    """Print what a process answered to its newest messages, oldest first."""
    from tim3tool.cli.answers import answered_members
    from tim3tool.cli.following import listed, show_results, tell, waiting
    from tim3tool.cli.reach import reach
    from tim3tool.cli.terminal import document

    to = reach(process, network, directory, file, timeout=waiting(timeout, watch=watch))
    if watch or not as_json:
        return tell(to, show_results(to, as_json=as_json), mark=mark, limit=limit, watch=watch)
    shown = [answered_members(each, to.lines) for each in listed(to, mark=mark, limit=limit)]
    document("results", {"process": to.process, "network": to.port.name, "results": shown})
    return 0
