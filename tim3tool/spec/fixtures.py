"""Fixtures for Python tests beside Lua suites; part of ``pytest -p tim3tool.spec.plugin``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tim3tool.spec.workspace import Workspace

if TYPE_CHECKING:
    from tim3tool.spec.sandbox import Sandbox

__all__ = ["sandbox", "sandbox_workspace"]


@pytest.fixture(scope="session")
def sandbox_workspace(pytestconfig: pytest.Config) -> Workspace:
    """Share manifests and bundles between the sandboxes of a run."""
    return Workspace(wasm=pytestconfig.getoption("--lua-module"))


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, sandbox_workspace: Workspace) -> Sandbox:
    """Give a network on which the test spawns processes of the manifest above it, of files, or of Lua text."""
    from tim3tool.sim import Network  # noqa: PLC0415 - only tests that ask for it load the simulator
    from tim3tool.spec.sandbox import Sandbox  # noqa: PLC0415
    from tim3tool.spec.spawning import Spawner  # noqa: PLC0415

    spawner = Spawner(suite=request.path, root=request.config.rootpath, workspace=sandbox_workspace)
    return Sandbox(spawner, Network(wasm=sandbox_workspace.wasm))
