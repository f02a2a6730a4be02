"""Signatures of misbehaviour, and their form as text."""

from __future__ import annotations

import pytest

from pytest_indexcache.errors import CommandError
from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.run.bisect.signatures import Signature
from pytest_indexcache.run.plays.results import Check, CheckKind, PlayResult, StepResult, Verdict

HELD = StepResult(1, "sync", "", checks=(Check(CheckKind.EXIT, "success", "success", True),))
FAILED = StepResult(
    2,
    "sync",
    "",
    exit=ExitKind.FAILURE,
    checks=(
        Check(CheckKind.DOWNLOADS, "1", "0", False, subject="six"),
        Check(CheckKind.EXIT, "success", "failure", False),
        Check(CheckKind.ABSENT, "absent", "absent", True, subject="x"),
    ),
)


def played(verdict: Verdict, *steps: StepResult) -> PlayResult:
    """Return a play with these steps."""
    return PlayResult("s.toml", "t", "uv==0.8.11", "0.8.11", "wire", verdict, steps=steps)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.FAILED, "2:failure:downloads.six,exit"),
        (Verdict.REPRODUCED, "2:failure:downloads.six,exit"),
        (Verdict.ERROR, None),
    ],
)
def test_signature_names_step_exit_and_failed_checks(
    verdict: Verdict, expected: str | None
) -> None:
    """A misbehaving play has a signature even if ``[affected]`` lists it; an error does not."""
    signature = Signature.of(played(verdict, HELD, FAILED))
    assert (None if signature is None else str(signature)) == expected


def test_play_that_behaves_has_no_signature() -> None:
    """A play that meets its expectations has no signature."""
    assert Signature.of(played(Verdict.PASSED, HELD)) is None


@pytest.mark.parametrize(
    ("signature", "text"),
    [
        (Signature(3, ExitKind.SUCCESS, ("downloads.torch",)), "3:success:downloads.torch"),
        (Signature(1, ExitKind.CRASH, ("exit", "installed.a")), "1:crash:exit,installed.a"),
        (
            Signature(2, ExitKind.SUCCESS, ("downloads.http://x:1/a,b c%", "downloads.nvidia-*")),
            "2:success:downloads.http%3A//x%3A1/a%2Cb%20c%25,downloads.nvidia-*",
        ),
    ],
)
def test_signature_is_read_back_as_it_was_written(signature: Signature, text: str) -> None:
    """A signature that is written and parsed is equal, whatever characters its keys have."""
    assert str(signature) == text
    assert Signature.parse(text) == signature


@pytest.mark.parametrize(
    "text", ["", "3", "3:success", "3:success:", "0:success:exit", "x:success:exit", "3:odd:exit"]
)
def test_text_that_is_no_signature_is_refused(text: str) -> None:
    """The error for an invalid signature says where to copy a valid one."""
    with pytest.raises(CommandError, match="is not a signature") as caught:
        Signature.parse(text)
    assert "indexcache bisect" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "keys", "bare"),
    [
        (ExitKind.FAILURE, ("exit",), True),
        (ExitKind.CRASH, ("downloads.six", "exit"), True),
        (ExitKind.SUCCESS, ("exit",), False),  # it should have refused
        (ExitKind.FAILURE, ("requests.page",), False),  # the failure was expected
        (ExitKind.SUCCESS, ("downloads.six",), False),
    ],
)
def test_a_command_that_should_have_succeeded_tells_no_more(
    kind: ExitKind, keys: tuple[str, ...], bare: bool
) -> None:
    """A signature is called bare only if a command failed that should have succeeded."""
    assert Signature(1, kind, keys).is_bare is bare
