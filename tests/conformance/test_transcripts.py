"""The mock answers as the real aos modules did (tests/data/transcripts)."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from tim3tool.aos import MODULES, Process

TRANSCRIPTS = Path(__file__).parent.parent / "data" / "transcripts"
NAMES = sorted(path.stem for path in TRANSCRIPTS.glob("*.json"))
VERSIONS = {f"aos{version.replace('.', '_')}": version for version in MODULES.values()}

_spec = importlib.util.spec_from_file_location("compare", TRANSCRIPTS / "compare.py")
assert _spec is not None
assert _spec.loader is not None
compare = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(compare)


def test_every_scenario_is_here_for_every_version():
    assert len(NAMES) == 63


@pytest.mark.parametrize("name", NAMES)
def test_transcript(name: str):
    recorded = json.loads((TRANSCRIPTS / f"{name}.json").read_text())
    process = Process(recorded["env"], aos=VERSIONS[name.split(".")[1]], raw=True)
    differences = []
    for step in recorded["steps"]:
        answer = process.handle(step["input"]).transcript()
        difference = compare.first_difference(compare.normal(step["output"]), compare.normal(answer))
        if difference:
            differences.append(f"{step['label']}: {difference}")
    assert differences == []
