"""AO networks on this machine behind HTTP: the embedded network, as units and as a node answer for it."""

from tim3tool.localnet.hyperbeam import HyperbeamNode
from tim3tool.localnet.legacynet import LegacynetNode
from tim3tool.localnet.server import Answer, Fault, Request, Served, as_json, serving

__all__ = ["Answer", "Fault", "HyperbeamNode", "LegacynetNode", "Request", "Served", "as_json", "serving"]
