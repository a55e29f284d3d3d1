"""Processes that send each other messages: the one engine that moves messages between them."""

from tim3tool.sim.clock import Clock
from tim3tool.sim.faults import Faults
from tim3tool.sim.message import DEFAULT_AUTHORITY, DEFAULT_SCHEDULER, Delivery, Message, address
from tim3tool.sim.network import Network
from tim3tool.sim.queues import Mail
from tim3tool.sim.record import Checkpoint
from tim3tool.sim.schedule import Order, Schedule
from tim3tool.sim.steps import Step
from tim3tool.sim.trace import Trace

__all__ = [
    "DEFAULT_AUTHORITY",
    "DEFAULT_SCHEDULER",
    "Checkpoint",
    "Clock",
    "Delivery",
    "Faults",
    "Mail",
    "Message",
    "Network",
    "Order",
    "Schedule",
    "Step",
    "Trace",
    "address",
]
