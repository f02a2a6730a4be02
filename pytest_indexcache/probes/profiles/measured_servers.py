"""Find measurements of installers with servers that are similar to the probed index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pytest_indexcache.data_formats import loads_json
from pytest_indexcache.probes.profiles.traits import TRAITS, traits_of
from pytest_indexcache.servers import ServerProfile, load_profile


@dataclass(frozen=True, slots=True)
class Measured:
    """The requests that an installer sent to a known server, as measured on one day.

    ``asked`` describes the requests in each situation, such as a second installation.
    """

    installer: str
    day: str
    server: str
    asked: Mapping[str, str]

    def describe(self) -> str:
        """Return a description of the requests in each situation (see docs/headers.md)."""
        parts = "; ".join(f"{situation}: {text}" for situation, text in self.asked.items())
        return f"{self.installer} ({parts})"


@cache
def measured_data() -> Mapping[str, Any]:
    """Return, for each measured installer, its spec, the day, and its requests to each server."""
    text = (files("pytest_indexcache.probes") / "measured" / "servers.json").read_text("utf-8")
    data: Mapping[str, Any] = loads_json(text)
    return data


def servers_alike(profile: ServerProfile, trait: str) -> list[str]:
    """Return the measured servers that share a trait with the profile, most similar first."""
    own = traits_of(profile)
    alike = []
    for name in sorted({name for each in measured_data().values() for name in each["servers"]}):
        other = traits_of(load_profile(name))
        if other[trait] == own[trait]:
            common = sum(other[key] == own[key] for key in TRAITS)
            alike.append((-common, name))
    return [name for _, name in sorted(alike)]


def measured_with(
    profile: ServerProfile, trait: str, situations: tuple[str, ...], kinds: tuple[str, ...]
) -> Iterator[Measured]:
    """Yield each installer's requests to the most similar server, or nothing if none is similar."""
    alike = servers_alike(profile, trait)
    if not alike:
        return
    for each in measured_data().values():
        by_situation = each["servers"].get(alike[0], {})
        asked = {
            name: _asked(by_situation[name], kinds) for name in situations if name in by_situation
        }
        if asked:
            yield Measured(each["spec"], each["day"], alike[0], asked)


def _asked(situation: Mapping[str, Any], kinds: tuple[str, ...]) -> str:
    parts = [
        f"{kind} ×{many}" if many > 1 else kind
        for kind, many in situation["asked"].items()
        if kind.removeprefix("HEAD ").partition(" ")[0] in kinds
    ]
    text = ", ".join(sorted(parts)) or "nothing"
    return text if situation["exit"] == "success" else f"{text}, and it {_ends(situation['exit'])}"


def _ends(exit_kind: str) -> str:
    return "refuses" if exit_kind == "failure" else f"ends with {exit_kind}"
