"""Runs the tests of Lua suites by pytest's own protocol, in fewer steps.

pytest asks every plugin before, in and after each step of a test, and makes a report from scratch each time. That takes
longer than most tests in Lua do. Where only pytest's own plugins listen, and what they would do is known, the steps are
called directly; the reports, their order and the hooks that get them are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tim3tool.spec.report import alike

if TYPE_CHECKING:
    from collections.abc import Callable

    from tim3tool.spec.nodes import LuaItem

__all__ = ["Protocol"]

_STEPS: Final = (
    "pytest_runtest_setup",
    "pytest_runtest_call",
    "pytest_runtest_teardown",
    "pytest_runtest_makereport",
)
# Plugins whose part in these steps is done here, or is nothing for a test in Lua without marks.
_KNOWN: Final = frozenset({"runner", "capturemanager", "skipping", "tmpdir", "unittest", "tim3tool.spec.plugin"})
_PROTOCOLS: Final = frozenset({"runner", "tim3tool.spec.plugin"})
_OTHERWISE: Final = ("setuponly", "setupshow", "usepdb")  # options that need pytest's own way
_THROUGH: Final = (KeyboardInterrupt, pytest.exit.Exception)


class Protocol:
    """How the tests of one run of pytest run.

    Args:
        config: of the run, whose plugins are all there.
    """

    def __init__(self, config: pytest.Config) -> None:
        hooks, plugins = config.hook, config.pluginmanager
        listening = {each.plugin_name for step in _STEPS for each in getattr(hooks, step).get_hookimpls()}
        whole = [each for each in hooks.pytest_runtest_protocol.get_hookimpls() if not each.wrapper]
        self._known = (
            listening <= _KNOWN
            and all(each.plugin_name in _PROTOCOLS and not each.hookwrapper for each in whole)
            and not any(config.getoption(name, default=False) for name in _OTHERWISE)
        )
        self._runner: Any = plugins.getplugin("runner")
        self._capture: Any = plugins.getplugin("capturemanager")

    def runs(self, item: LuaItem, nextitem: pytest.Item | None) -> bool:
        """Run a test, unless that is better left to pytest itself.

        Args:
            item: the test.
            nextitem: the one after it, as pytest gives it.

        Returns:
            Whether it ran.
        """
        if not self._known or next(item.iter_markers(), None) is not None:
            return False
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        steps = _Steps(item, hook, self._capture)
        try:
            if steps.take("setup", lambda: self._runner.pytest_runtest_setup(item=item)):
                steps.take("call", lambda: self._runner.pytest_runtest_call(item=item))
            if item.session.shouldfail or item.session.shouldstop:
                nextitem = None
            steps.take("teardown", lambda: self._runner.pytest_runtest_teardown(item=item, nextitem=nextitem))
        finally:
            steps.tell()
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True


class _Steps:
    """The steps of one test. Those that pass are told of together, as pytest must not capture while it tells."""

    def __init__(self, item: LuaItem, hook: Any, capture: Any) -> None:
        self._item = item
        self._hook = hook
        self._capture = capture
        self._captures = False
        self._is_plain = True  # all steps passed and said nothing
        self._first: pytest.TestReport | None = None  # that of the first step, which those of the others are made from
        self._waiting: list[pytest.TestReport] = []

    def take(self, when: Any, step: Callable[[], None]) -> bool:
        """Take a step; returns whether it passed."""
        item, hook = self._item, self._hook
        if not self._captures and self._capture is not None:
            self._capture.resume_global_capture()
            self._captures = True
        call = pytest.CallInfo.from_call(step, when=when, reraise=_THROUGH)
        if self._captures:
            for name, text in zip(("stdout", "stderr"), self._capture.read_global_capture(), strict=True):
                item.add_report_section(when, name, text)
        self._is_plain = self._is_plain and call.excinfo is None and not item.tells
        if self._is_plain:
            self._waiting.append(self._passed(call))
            return True
        self.tell()
        report: pytest.TestReport = hook.pytest_runtest_makereport(item=item, call=call)
        hook.pytest_runtest_logreport(report=report)
        if call.excinfo is not None and not isinstance(call.excinfo.value, pytest.skip.Exception):
            hook.pytest_exception_interact(node=item, call=call, report=report)
        return report.passed

    def tell(self) -> None:
        """Stop capturing, and tell of what passed."""
        if self._captures:
            self._capture.suspend_global_capture(in_=False)
            self._captures = False
        for report in self._waiting:
            self._hook.pytest_runtest_logreport(report=report)
        self._waiting.clear()

    def _passed(self, call: pytest.CallInfo[None]) -> pytest.TestReport:
        if self._first is None:
            self._first = pytest.TestReport.from_item_and_call(self._item, call)
            return self._first
        report = alike(self._first, when=call.when, duration=call.duration, start=call.start, stop=call.stop)
        report.user_properties = list(self._item.user_properties)
        return report
