"""Resolver questions generated from a seed: small indexes that are hard to resolve."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from packaging.version import Version

from .resolving import Question

_PROJECTS: Final = ("ash", "birch", "cedar-nut", "elm", "fir", "hazel", "oak", "pine")
_SPELLINGS: Final = {"cedar-nut": ("cedar-nut", "Cedar.Nut", "cedar_nut")}
_VERSIONS: Final = (
    *("0.9", "1.0.dev1", "1.0a2", "1.0", "1.0+one.1", "1.0.post1", "1.1", "1.2", "2.0b1", "2.0"),
    *("2.0+two", "2.1", "3.0rc1", "3.0", "4.0.dev3", "1!0.5"),
)
_EXTRAS: Final = ("fast", "more-colours")
_TRUE_MARKERS: Final = ('python_version >= "3.8"', 'implementation_name != "never"')
_FALSE_MARKERS: Final = ('python_version < "3"', 'sys_platform == "never"')
_UNFIT: Final[tuple[dict[str, Any], ...]] = (
    {"requires-python": "<3"},
    {"requires-python": ">=3.99"},
    {"tag": "py2-none-any"},
    {"tag": "cp27-cp27m-win32"},
)
_FIT: Final[tuple[dict[str, Any], ...]] = (
    {"requires-python": ">=3"},
    {"requires-python": "!=3.0.*,>=2.7"},
    {"tag": "py2.py3-none-any"},
    {"files": [{"tag": "py2-none-any"}, {"tag": "py30-none-any"}]},
    {"files": [{}, {"build-tag": "2"}, {"build-tag": "10"}]},
)


def make_question(seed: int) -> Question:
    """Make a question; a seed gives the same question on every Python."""
    return _Maker(Random(seed)).question()


class _Maker:
    """Makes one question, with ``random`` as the only source of randomness."""

    def __init__(self, random: Random) -> None:
        self._random = random
        count = random.randint(3, len(_PROJECTS))
        self._versions = {name: self._choose_versions() for name in _PROJECTS[:count]}
        self._extras = {name: self._some(_EXTRAS, 0.2) for name in self._versions}

    def question(self) -> Question:
        """Make the releases of every project, and require one to three projects."""
        names = list(self._versions)
        packages = {
            name: {version: self._release(name, version) for version in self._versions[name]}
            for name in names
        }
        asked = self._random.sample(names, self._random.randint(1, min(3, len(names))))
        return Question(
            asked=tuple(self._requirement(name) for name in asked),
            packages=packages,
            constraints=tuple(self._constraint(name) for name in names if self._happens(0.06)),
            index={"metadata": self._happens(0.7)},
        )

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance

    def _some(self, things: tuple[str, ...], chance: float) -> list[str]:
        return [thing for thing in things if self._happens(chance)]

    def _choose_versions(self) -> list[str]:
        chosen = self._random.sample(_VERSIONS, self._random.choice((1, 2, 3, 4, 5, 6, 6)))
        return sorted(chosen, key=Version)

    def _release(self, name: str, version: str) -> dict[str, Any]:
        if version == self._versions[name][0] and self._happens(0.5):
            return {}  # something to fall back on
        others = [other for other in self._versions if other != name]
        needed = self._random.sample(others, self._random.choice((0, 0, 1, 1, 1, 2)))
        release: dict[str, Any] = {"requires": [self._dependency(other) for other in needed]}
        if self._extras[name]:
            release["extras"] = {
                extra: [self._dependency(self._random.choice([*others, name]))]
                for extra in self._extras[name]
                if self._happens(0.9)
            }
        if self._happens(0.1):
            release["yanked"] = self._random.choice((True, "broken"))
        if self._happens(0.12):
            release |= self._random.choice(_UNFIT)
        elif self._happens(0.12):
            release |= self._random.choice(_FIT)
        return release

    def _dependency(self, name: str) -> str:
        marker = ""
        if self._happens(0.12):
            marker = " ; " + self._random.choice(_TRUE_MARKERS)
        elif self._happens(0.08):
            marker = " ; " + self._random.choice(_FALSE_MARKERS)
        return self._requirement(name) + marker

    def _requirement(self, name: str) -> str:
        spelling = self._random.choice(_SPELLINGS.get(name, (name,)))
        extras = self._some((*self._extras[name],), 0.4)
        brackets = f"[{','.join(extras)}]" if extras else ""
        return spelling + brackets + self._specifier(name)

    def _constraint(self, name: str) -> str:
        return name + (self._specifier(name) or ">=1")

    def _specifier(self, name: str) -> str:
        """Make a specifier for a version that exists, or sometimes for a missing version."""
        known = self._versions[name]
        version = self._random.choice(known if self._happens(0.95) else list(_VERSIONS))
        public, is_local = Version(version).public, "+" in version
        operator = self._random.choice(
            ("", "", "", "", ">=", ">=", ">=", "<", "<=", "==", "!=", "~=", "*")
        )
        if operator == "":
            return ""
        if operator == "*":
            parsed = Version(version)
            epoch = f"{parsed.epoch}!" if parsed.epoch else ""
            return f"{self._random.choice(('==', '!='))}{epoch}{parsed.major}.*"
        if operator in ("==", "!=") and is_local and self._happens(0.5):
            return f"{operator}{version}"
        if operator == ">=" and self._happens(0.3):
            return f">={public},!={Version(self._random.choice(known)).public}"
        return f"{operator}{public}"
