"""A function that captures a project with an installer, as ``indexcache capture`` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pytest_indexcache.drafts.captures.commands import NamedIndex, captured_step
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.run.captures.capturing import Capture, MakeIndexes, capture
from pytest_indexcache.run.captures.project_folder import CaptureRequest, plan_capture
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.run.session import PlaySession
from pytest_indexcache.scenario.model import Scenario


def captured(
    folder: Path,
    command: Sequence[str],
    spec: str,
    session: PlaySession,
    *,
    indexes: Sequence[NamedIndex] = (),
    replacements: Replacements | None = None,
) -> Capture:
    """Capture a command of an installer release, which is run in a project's folder."""
    installer = create_installer(spec)
    plan = plan_capture(
        CaptureRequest(
            folder, (captured_step(command),), tuple(indexes), python="3.11", environment={}
        )
    )

    def play(scenario: Scenario, make_indexes: MakeIndexes | None) -> PlayResult:
        with TemporaryDirectory(ignore_cleanup_errors=True) as root:
            return session.play(
                scenario,
                "capture",
                installer,
                "wire",
                Path(root),
                is_trusted=True,
                make_indexes=make_indexes,
            )

    return capture(plan, play, replacements or Replacements())
