"""AO networks on this machine behind HTTP: the embedded network, as units and as a node answer for it."""

from tim3tool.localnet.legacynet import LegacynetNode
from tim3tool.localnet.server import Fault, Served, serving

__all__ = ["Fault", "LegacynetNode", "Served", "serving"]
