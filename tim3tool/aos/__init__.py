"""The mocked AO environment: a process in a closed Lua VM that answers as the real aos modules do."""

from tim3tool.aos.libraries import install_libraries, library_sources
from tim3tool.aos.machine import Limits
from tim3tool.aos.meter import HandlerSeen, Measure
from tim3tool.aos.process import Process
from tim3tool.aos.result import Place, Result, plain_text
from tim3tool.aos.versions import DEFAULT_MODULE, DEFAULT_VERSION, MODULES, AosVersion, version_named

__all__ = [
    "DEFAULT_MODULE",
    "DEFAULT_VERSION",
    "MODULES",
    "AosVersion",
    "HandlerSeen",
    "Limits",
    "Measure",
    "Place",
    "Process",
    "Result",
    "install_libraries",
    "library_sources",
    "plain_text",
    "version_named",
]
