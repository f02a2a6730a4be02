"""Findings of a probe: judgements on an index's behaviour, with advice for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.probes.battery.seen import Seen
from pytest_indexcache.probes.profiles.measured_servers import Measured, measured_with
from pytest_indexcache.probes.rules.file_rules import judge_files
from pytest_indexcache.probes.rules.page_rules import judge_pages
from pytest_indexcache.probes.rules.verdicts import Grade, Judged
from pytest_indexcache.servers import ServerProfile

OPERATED: Final = ("nginx", "devpi", "pypiserver", "s3", "cloudflare")
"""The server programs and services for which there is advice."""


class Advice(BaseModel):
    """The advice on one subject that a probe judges.

    ``clause`` and ``url`` identify the rule in an RFC or PEP. ``trait``, ``situations`` and
    ``kinds`` select the relevant measurements. Each of the other fields contains the setting for
    one server program or service.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    clause: str
    url: str
    trait: str | None = None
    situations: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    nginx: str = ""
    devpi: str = ""
    pypiserver: str = ""
    s3: str = ""
    cloudflare: str = ""

    @property
    def settings(self) -> Mapping[str, str]:
        """The recommended settings, keyed by server program or service."""
        known = {name: str(getattr(self, name)) for name in OPERATED}
        return {name: text for name, text in known.items() if text}


@dataclass(frozen=True, slots=True)
class ProbeFinding:
    """A judgement on an index, with the rule that it is based on.

    ``clause`` and ``url`` identify the rule in an RFC or PEP. ``measured`` describes how installers
    behave; it is empty if no server with similar answers has been measured. ``settings`` contains
    recommended server settings; it is None if the index conforms to the rule.
    """

    judged: Judged
    clause: str
    url: str
    measured: tuple[Measured, ...] = ()
    settings: Mapping[str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the finding as a dict that can be converted to JSON."""
        return {
            "subject": self.judged.subject,
            "verdict": str(self.judged.grade),
            "seen": self.judged.seen,
            "clause": self.clause,
            "url": self.url,
            "installers": [
                {"installer": each.installer, "day": each.day, "like": each.server}
                | {"asked": dict(each.asked)}
                for each in self.measured
            ],
            "settings": dict(self.settings or {}),
        }


@cache
def advice() -> Mapping[str, Advice]:
    """Return the advice on each subject."""
    text = (files(__package__) / "advice.toml").read_text("utf-8")
    return TypeAdapter(dict[str, Advice]).validate_python(loads_toml(text))


def findings(seen: Seen, profile: ServerProfile) -> Iterator[ProbeFinding]:
    """Yield a finding for each judgement on an index's pages and files."""
    for judge in (judge_pages, judge_files):
        for judged in judge(seen, profile):
            yield _finding(judged, profile)


def _finding(judged: Judged, profile: ServerProfile) -> ProbeFinding:
    known = advice()[judged.subject]
    if judged.grade is Grade.GOOD:
        return ProbeFinding(judged, known.clause, known.url)
    measured: tuple[Measured, ...] = ()
    if known.trait:
        measured = tuple(measured_with(profile, known.trait, known.situations, known.kinds))
    return ProbeFinding(judged, known.clause, known.url, measured, known.settings)
