"""The issue forms of trackers: their headings, and the parts of a report under each heading.

The headings come from the forms in ``.github/ISSUE_TEMPLATE`` in each repository. GitHub turns each
field of a form into a level-3 heading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from pytest_indexcache.reports.trackers import operator_parts, parts
from pytest_indexcache.reports.trackers.blocks import code, shown
from pytest_indexcache.reports.trackers.facts import IssueFacts
from pytest_indexcache.reports.trackers.version_parts import versions
from pytest_indexcache.reports.words.wording import web_link

Part = Callable[[IssueFacts], Iterator[str]]


class Template(NamedTuple):
    """The issue form of a tracker; ``sections`` lists each heading with the parts under it."""

    tracker: str
    sections: tuple[tuple[str, tuple[Part, ...]], ...]


def _said(*lines: str) -> Part:
    """Return a part that consists of the same lines in every report."""

    def part(_: IssueFacts) -> Iterator[str]:
        yield from lines
        yield ""

    return part


def _titled(title: str, part: Part) -> Part:
    """Return a part with a bold title above it; if the part is empty, the title is left out."""

    def titled(facts: IssueFacts) -> Iterator[str]:
        lines = list(part(facts))
        yield from [f"**{title}**", "", *lines] if lines else []

    return titled


_FOUND: Final = (parts.deciding, parts.requests, versions, parts.others)
_WORKAROUNDS: Final = _titled("Workarounds", parts.workarounds)
_PROXY: Final = "A proxy on loopback leads to fake indexes at the URLs that the project names."
_POETRY_SETTINGS: Final = _said(
    "The defaults, except for a separate `cache-dir`, `virtualenvs.in-project = true` and "
    f"`keyring.enabled = false`. {_PROXY}"
)
_PDM_SETTINGS: Final = _said(
    "The settings are the defaults, with a separate home folder and cache. The environment has "
    f"`PDM_IGNORE_SAVED_PYTHON=1` and `PDM_CHECK_UPDATE=0`. {_PROXY}"
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
                    _WORKAROUNDS,
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
            ("Description", (parts.summary, *_FOUND, _WORKAROUNDS, parts.related)),
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
            ("Poetry Configuration", (_POETRY_SETTINGS,)),
            ("Python Sysconfig", (parts.python,)),
            ("Example pyproject.toml", (parts.pyproject,)),
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
                (parts.version, parts.python, parts.platform, _PDM_SETTINGS),
            ),
            ("Verbose Command Output", (parts.log,)),
            ("Additional Context", (*_FOUND, _WORKAROUNDS, parts.related)),
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
            ("What the index sent", (operator_parts.sent, parts.deciding, parts.requests)),
            ("What the RFCs say about it", (operator_parts.clauses,)),
            ("Installers that were tried", (operator_parts.installers, versions)),
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
        f"fake indexes, for {template.tracker}. {_known(facts, template)}Then delete this "
        f"line.{_fixed(facts)}",
        "",
        f"# {shown(facts.play.title)}",
        "",
    ]
    for heading, below in template.sections:
        lines += [f"### {heading}", ""]
        body = [line for part in below for line in part(facts)]
        lines += body or ["Not known.", ""]
    return "\n".join(lines).rstrip() + "\n"


def _known(facts: IssueFacts, template: Template) -> str:
    """Return a request to search for an earlier report, or a remark that a report exists."""
    issue = web_link(facts.play.issue) or ""
    owner = template.tracker.removesuffix("/issues")
    if issue.startswith(f"{owner}/"):
        return (
            f"This tracker already has <{issue}>, which the scenario names: if it is the same "
            "problem, add there what is new. "
        )
    return "Check whether the tracker already has this report. "


def _fixed(facts: IssueFacts) -> str:
    """Return a remark if the newest played release behaves correctly, or else ""."""
    found = facts.investigation.bisect
    judged = found.judged if found is not None else ()
    if not judged or not judged[-1].behaves or judged[-1].release == facts.play.installer_version:
        return ""
    newest = code(f"{facts.installer} {judged[-1].release}")
    return f" **{newest} behaves correctly: the problem may already be fixed.**"
