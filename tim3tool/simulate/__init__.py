"""Scenarios: processes, users and invariants, run on `sim.Network` under thousands of schedules."""

from tim3tool.simulate.campaign import Campaign, Summary
from tim3tool.simulate.failure import Failure
from tim3tool.simulate.load import load
from tim3tool.simulate.mutation import Mutation
from tim3tool.simulate.runner import Act, Run, Runner, Violation
from tim3tool.simulate.scenario import Invariant, Scenario
from tim3tool.simulate.world import World

__all__ = [
    "Act",
    "Campaign",
    "Failure",
    "Invariant",
    "Mutation",
    "Run",
    "Runner",
    "Scenario",
    "Summary",
    "Violation",
    "World",
    "load",
]
