"""Fixtures for Python tests beside Lua suites; part of ``pytest -p tim3tool.spec.plugin``."""

from __future__ import annotations

import pytest

from tim3tool.sim import Network
from tim3tool.spec.sandbox import Sandbox
from tim3tool.spec.spawning import Spawner
from tim3tool.spec.workspace import Workspace

__all__ = ["sandbox", "sandbox_workspace"]


@pytest.fixture(scope="session")
def sandbox_workspace(pytestconfig: pytest.Config) -> Workspace:
    """Share manifests and bundles between the sandboxes of a run."""
    return Workspace(wasm=pytestconfig.getoption("--lua-module"))


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, sandbox_workspace: Workspace) -> Sandbox:
    """Give a network on which the test spawns processes of the manifest above it, of files, or of Lua text."""
    spawner = Spawner(suite=request.path, root=request.config.rootpath, workspace=sandbox_workspace)
    return Sandbox(spawner, Network(wasm=sandbox_workspace.wasm))
