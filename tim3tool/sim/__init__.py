"""Processes that send each other messages: the one engine that moves messages between them."""

from tim3tool.sim.clock import Clock
from tim3tool.sim.message import DEFAULT_AUTHORITY, DEFAULT_SCHEDULER, Delivery, Message, address
from tim3tool.sim.network import Network

__all__ = ["DEFAULT_AUTHORITY", "DEFAULT_SCHEDULER", "Clock", "Delivery", "Message", "Network", "address"]
