"""What the newest release of each installer was measured to ask of servers that answer alike."""

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
    """What an installer asked of a known server: ``asked`` are the requests of each situation."""

    installer: str
    day: str
    server: str
    asked: Mapping[str, str]

    def describe(self) -> str:
        """Say who asked what, in which situation of docs/headers.md."""
        parts = "; ".join(f"{situation}: {text}" for situation, text in self.asked.items())
        return f"{self.installer} ({parts})"


@cache
def measured_data() -> Mapping[str, Any]:
    """Return what was measured, by installer: its spec, the day, and each server."""
    text = (files("pytest_indexcache.probes") / "measured" / "servers.json").read_text("utf-8")
    data: Mapping[str, Any] = loads_json(text)
    return data


def servers_alike(profile: ServerProfile, trait: str) -> list[str]:
    """Return the known servers whose trait is the same, the most similar ones first."""
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
    """Yield what each installer asked of the server that is most like this one; maybe nothing."""
    alike = servers_alike(profile, trait)
    if not alike:
        return
    for each in measured_data().values():
        told = each["servers"].get(alike[0], {})
        asked = {name: _asked(told[name], kinds) for name in situations if name in told}
        if asked:
            yield Measured(each["spec"], each["day"], alike[0], asked)


def _asked(told: Mapping[str, Any], kinds: tuple[str, ...]) -> str:
    parts = [
        f"{kind} ×{many}" if many > 1 else kind
        for kind, many in told["asked"].items()
        if kind.removeprefix("HEAD ").partition(" ")[0] in kinds
    ]
    text = ", ".join(sorted(parts)) or "nothing"
    return text if told["exit"] == "success" else f"{text}, and it {_ends(told['exit'])}"


def _ends(exit_kind: str) -> str:
    return "refuses" if exit_kind == "failure" else f"ends with {exit_kind}"
