"""``aoform.yaml``: what there is to build and deploy, and on which networks."""

from tim3tool.project.config import Value, config_of
from tim3tool.project.manifest import find, load
from tim3tool.project.model import Manifest, NetworkSpec, ProcessSpec, SetupMessage, Tag
from tim3tool.project.order import spawn_order
from tim3tool.project.text import Context, Text, references, render

__all__ = [
    "Context",
    "Manifest",
    "NetworkSpec",
    "ProcessSpec",
    "SetupMessage",
    "Tag",
    "Text",
    "Value",
    "config_of",
    "find",
    "load",
    "references",
    "render",
    "spawn_order",
]
