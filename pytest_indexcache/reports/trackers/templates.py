"""The issue forms of trackers: their headings, and the parts of a report under each heading.

The headings come from the forms in ``.github/ISSUE_TEMPLATE`` of each repository. GitHub turns each
field of a form into a level-3 heading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from pytest_indexcache.reports.trackers import operator_parts, parts
from pytest_indexcache.reports.trackers.blocks import code, shown
from pytest_indexcache.reports.trackers.facts import IssueFacts

Part = Callable[[IssueFacts], Iterator[str]]


class Template(NamedTuple):
    """The issue form of a tracker; ``sections`` contains each heading with the parts under it."""

    tracker: str
    sections: tuple[tuple[str, tuple[Part, ...]], ...]


def _said(*lines: str) -> Part:
    """Return a part with the same lines in every report."""

    def part(_: IssueFacts) -> Iterator[str]:
        yield from lines
        yield ""

    return part


_FOUND: Final = (parts.deciding, parts.versions, parts.others)
_ISOLATED: Final = _said(
    "Default settings, with a separate home folder and cache; a proxy on loopback leads "
    "to fake indexes at the URLs that the project names."
)

TEMPLATES: Final[Mapping[str, Template]] = {
    "uv": Template(
        "https://github.com/astral-sh/uv/issues",
        (
            (
                "Summary",
                (
                    parts.summary,
                    parts.project,
                    parts.commands,
                    parts.expected,
                    *_FOUND,
                    parts.workarounds,
                    parts.repeat,
                    parts.log,
                    parts.related,
                ),
            ),
            ("Platform", (parts.platform,)),
            ("Version", (parts.version,)),
            ("Python version", (parts.python,)),
        ),
    ),
    "pip": Template(
        "https://github.com/pypa/pip/issues",
        (
            ("Description", (parts.summary, *_FOUND, parts.workarounds, parts.related)),
            ("Expected behavior", (parts.expected,)),
            ("pip version", (parts.version,)),
            ("Python version", (parts.python,)),
            ("OS", (parts.platform,)),
            ("How to Reproduce", (parts.project, parts.commands, parts.repeat)),
            ("Output", (parts.log,)),
            (
                "Code of Conduct",
                (
                    _said(
                        "- [ ] I agree to follow the "
                        "[PSF Code of Conduct](https://www.python.org/psf/conduct/)."
                    ),
                ),
            ),
        ),
    ),
    "poetry": Template(
        "https://github.com/python-poetry/poetry/issues",
        (
            (
                "Description",
                (
                    parts.summary,
                    parts.commands,
                    parts.expected,
                    *_FOUND,
                    parts.repeat,
                    parts.related,
                ),
            ),
            ("Workarounds", (parts.workarounds,)),
            ("Poetry Installation Method", (_said("pip"),)),
            ("Operating System", (parts.platform,)),
            ("Poetry Version", (parts.version,)),
            ("Poetry Configuration", (_ISOLATED,)),
            ("Python Sysconfig", (parts.python,)),
            ("Example pyproject.toml", (parts.project,)),
            ("Poetry Runtime Logs", (parts.log,)),
        ),
    ),
    "pdm": Template(
        "https://github.com/pdm-project/pdm/issues",
        (
            ("Describe the bug", (parts.summary,)),
            ("To reproduce", (parts.project, parts.commands, parts.repeat)),
            ("Expected Behavior", (parts.expected,)),
            (
                "Environment Information",
                (parts.version, parts.python, parts.platform, _ISOLATED),
            ),
            ("pdm -v output", (parts.log,)),
            ("Additional Context", (*_FOUND, parts.workarounds, parts.related)),
            (
                "Are you willing to submit a PR to fix this bug?",
                (_said("- [ ] Yes, I would like to submit a PR."),),
            ),
        ),
    ),
    "index": Template(
        "the tracker of the index",
        (
            ("What installers do", (operator_parts.effect, parts.expected)),
            ("What the index sent", (operator_parts.sent, parts.deciding)),
            ("What the RFCs say about it", (operator_parts.clauses,)),
            ("Installers that were tried", (operator_parts.installers, parts.versions)),
            ("Remedies", (operator_parts.remedies,)),
            ("How to reproduce it", (parts.project, parts.commands, parts.repeat, parts.related)),
            ("Platform", (parts.version, parts.python, parts.platform)),
        ),
    ),
}


def issue_text(facts: IssueFacts, tracker: str) -> str:
    """Return the draft of an issue for a tracker, which is a key of ``TEMPLATES``.

    Text from scenarios and installers is escaped for Markdown. Private details of this machine are
    removed.
    """
    template = TEMPLATES[tracker]
    lines = [
        "> **Read this draft before you send it.** pytest-indexcache wrote it from plays against "
        f"fake indexes, for {template.tracker}. Check whether the tracker already has this report, "
        f"and delete this line.{_fixed(facts)}",
        "",
        f"# {shown(facts.play.title)}",
        "",
    ]
    for heading, below in template.sections:
        lines += [f"### {heading}", ""]
        body = [line for part in below for line in part(facts)]
        lines += body or ["Not known.", ""]
    return "\n".join(lines).rstrip() + "\n"


def _fixed(facts: IssueFacts) -> str:
    """Return a remark if the newest release that was played behaves correctly, else ""."""
    found = facts.investigation.bisect
    judged = found.judged if found is not None else ()
    if not judged or not judged[-1].behaves or judged[-1].release == facts.play.installer_version:
        return ""
    newest = code(f"{facts.installer} {judged[-1].release}")
    return f" **{newest} behaves correctly: the problem may already be fixed.**"
