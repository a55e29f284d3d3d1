"""Options that several verbs share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "DEFAULT_GATEWAY",
    "Action",
    "AsJson",
    "Data",
    "Directory",
    "FromMark",
    "Gateway",
    "Limit",
    "ManifestFile",
    "MinifyLevel",
    "NetworkName",
    "OnlyNames",
    "Process",
    "Quiet",
    "ReplaceNames",
    "TagOptions",
    "Timeout",
    "WalletFile",
    "Watch",
]

Directory = Annotated[
    Path | None,
    typer.Option(
        "-C", "--directory", metavar="DIR", envvar="TIM3_DIRECTORY", help="Work as if started in this folder."
    ),
]
ManifestFile = Annotated[
    Path | None,
    typer.Option(
        "-f", "--file", metavar="FILE", envvar="TIM3_FILE", help="The manifest; found upwards from here by default."
    ),
]
MinifyLevel = Annotated[
    str | None,
    typer.Option("--minify", metavar="LEVEL", help="none, debug (keeps line numbers), basic, default or full."),
]
NetworkName = Annotated[
    str,
    typer.Option("--network", metavar="NAME", envvar="TIM3_NETWORK", help="The network, by its name in the manifest."),
]
OnlyNames = Annotated[
    list[str] | None, typer.Option("--only", metavar="NAME", help="Deploy this process alone; repeat for more.")
]
ReplaceNames = Annotated[
    list[str] | None,
    typer.Option("--replace", metavar="NAME", help="Spawn it anew, with a new id and an empty state; repeat for more."),
]
WalletFile = Annotated[
    Path | None,
    typer.Option(
        "--wallet",
        metavar="FILE",
        envvar="TIM3_WALLET",
        help="The Arweave key (JWK) that signs; the development key by default.",
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout", metavar="SECONDS", envvar="TIM3_TIMEOUT", help="Wait so long for an answer of a network; 240."
    ),
]
DEFAULT_GATEWAY = "https://arweave.net"
Gateway = Annotated[
    str,
    typer.Option(
        "--gateway", metavar="URL", envvar="TIM3_GATEWAY", help="The Arweave gateway that modules are fetched from."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", envvar="TIM3_JSON", help="Print one JSON document instead of text.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", envvar="TIM3_QUIET", help="Print results and errors only.")]
Process = Annotated[str, typer.Argument(metavar="PROCESS", help="A process of the manifest, or a process id.")]
Action = Annotated[str | None, typer.Option("--action", metavar="ACTION", help="The Action tag.")]
TagOptions = Annotated[
    list[str] | None, typer.Option("-t", "--tag", metavar="NAME=VALUE", help="A tag; repeat for more.")
]
Data = Annotated[str, typer.Option("--data", metavar="TEXT", help="The data of the message.")]
FromMark = Annotated[
    str | None,
    typer.Option("--from", metavar="MARK", help="Begin behind the answer with this mark; `results` shows marks."),
]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=0, help="How many answers at most.")]
Watch = Annotated[bool, typer.Option("--watch", help="Go on with what it answers from then on, until Ctrl-C.")]
