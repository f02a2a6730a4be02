"""The baseline: a file that lists known results of plays, for comparison with a CI run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import tomli_w
from packaging.specifiers import SpecifierSet

from pytest_indexcache.data_formats import loads_toml
from pytest_indexcache.errors import BaselineError, InstallerSpecError
from pytest_indexcache.installers.contract.installer import InstallerSpec
from pytest_indexcache.run.plays.results import (
    BEHAVES,
    JUDGED,
    MISBEHAVES,
    Change,
    PlayResult,
    Verdict,
    verdict_in_short,
)

HEAD: Final = """\
# The known results of plays. pytest --indexcache-baseline FILE fails if a play is worse;
# --indexcache-write-baseline FILE accepts the new results. Comments are not kept.

"""

ON_THE_WIRE: Final = "[wire]"
KEYS: Final = ("verdict", "step")

_RANKS: Final = {
    **dict.fromkeys(BEHAVES, 3),
    Verdict.SKIPPED: 2,
    **dict.fromkeys(MISBEHAVES, 1),
    Verdict.ERROR: 0,
}


@dataclass(frozen=True)
class Known:
    """The known result of a play: its verdict, and the step that failed, if any."""

    verdict: Verdict
    step: int | None = None

    @classmethod
    def of(cls, result: PlayResult) -> Known:
        """Return the part of a result that a baseline records."""
        step = result.failed_step if result.verdict in MISBEHAVES else None
        return cls(result.verdict, None if step is None else step.number)

    def __str__(self) -> str:
        return verdict_in_short(self.verdict, self.step)

    def to_toml(self) -> dict[str, Any]:
        """Return the entry as a TOML table."""
        return {"verdict": str(self.verdict), **({} if self.step is None else {"step": self.step})}


def compared(known: Known | None, now: Known) -> Change:
    """Return how a result differs from the known result, regardless of ``[affected]``.

    From best to worst, the order is: a play without misbehaviour, a skipped play, a play that
    misbehaves (the later the step, the better), an error. There is one exception: if the known
    result is an error and the play now misbehaves, the change is for the worse, because the
    baseline accepts only the error.
    """
    if known is None:
        return Change.NEW
    before, after = _RANKS[known.verdict], _RANKS[now.verdict]
    if known.verdict is Verdict.ERROR and now.verdict in MISBEHAVES:
        return Change.WORSE
    if now.verdict in MISBEHAVES and known.verdict in MISBEHAVES:
        before, after = known.step or 0, now.step or 0
    if before == after:
        return Change.SAME
    return Change.WORSE if after < before else Change.BETTER


def entry_name(spec: InstallerSpec, transport: str, *, is_embedded: bool) -> str:
    """Return the name of an installer's entry in a baseline.

    The name is usually the installer spec. For a local build (``uv@target/debug/uv``), it is only
    the installer's name, because the path and the version change with each build. An installer that
    can also run in this process has a second entry, ``reference[wire]``, for plays over TLS.
    """
    name = spec.name if spec.path is not None else str(spec)
    return f"{name}{ON_THE_WIRE}" if is_embedded and transport == "wire" else name


@dataclass(frozen=True)
class Baseline:
    """The known results of each scenario, keyed by the entry name of the installer."""

    entries: Mapping[str, Mapping[str, Known]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path, exists: Callable[[str], bool]) -> Baseline:
        """Read a baseline; ``exists`` returns whether a scenario with a given name exists.

        :raises BaselineError: if the file cannot be read, is not TOML, or contains invalid values
        """
        try:
            tables = loads_toml(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            hint = f"write it: --indexcache-write-baseline {file}"
            raise BaselineError(file, "there is no such file", hint=hint) from None
        except OSError as error:
            raise BaselineError(file, f"it cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise BaselineError(file, f"it is not UTF-8: byte {error.start + 1}") from error
        except ValueError as error:
            raise BaselineError(file, f"it cannot be read as TOML: {error}") from error
        return cls(_BaselineReader(file, exists).entries(tables))

    @classmethod
    def read_if_there(cls, file: Path, exists: Callable[[str], bool]) -> Baseline:
        """Read a baseline; return an empty one if the file does not exist."""
        return cls.read(file, exists) if file.exists() else cls()

    def dumps(self) -> str:
        """Return the baseline as TOML text, which is the same for equal baselines."""
        tables = {
            scenario: {name: known.to_toml() for name, known in sorted(entries.items())}
            for scenario, entries in sorted(self.entries.items())
        }
        return HEAD + tomli_w.dumps(tables)

    def judged(self, name: str, result: PlayResult) -> PlayResult:
        """Return ``result``, compared with the known result of the entry ``name``.

        For a result that varies by chance (``[sometimes]``), a different outcome counts as
        unchanged if both plays could be judged.
        """
        known = self.entries.get(result.scenario, {}).get(name)
        change = compared(known, Known.of(result))
        if result.by_chance and result.verdict in JUDGED and known and known.verdict in JUDGED:
            change = Change.SAME
        return replace(result, change=change, known="" if known is None else str(known))

    def updated(self, results: Iterable[tuple[str, PlayResult]]) -> Baseline:
        """Return a baseline in which these results replace the entries with the same names."""
        entries = {scenario: dict(known) for scenario, known in self.entries.items()}
        for name, result in results:
            entries.setdefault(result.scenario, {})[name] = Known.of(result)
        return Baseline(entries)


@dataclass(frozen=True)
class _BaselineReader:
    """Validates the tables of a baseline; an error names the key path of the first mistake."""

    file: Path
    exists: Callable[[str], bool]

    def entries(self, tables: Mapping[str, Any]) -> dict[str, dict[str, Known]]:
        """Return the known results of all scenarios, keyed by scenario and then by entry name.

        :raises BaselineError: if a table contains an invalid value
        """
        return {scenario: self._installers(scenario, table) for scenario, table in tables.items()}

    def _installers(self, scenario: str, table: object) -> dict[str, Known]:
        entries = self._table(table, "a table of installers", scenario)
        if not self.exists(scenario):
            raise self._error(
                "there is no such scenario",
                scenario,
                hint="if it was renamed or removed, do the same with this table; names are paths "
                "from pytest's rootdir, or from the current folder without a configuration file",
            )
        return {
            self._name(scenario, name): self._known(entry, scenario, name)
            for name, entry in entries.items()
        }

    def _name(self, scenario: str, name: str) -> str:
        text = name.removesuffix(ON_THE_WIRE)
        try:
            spec = InstallerSpec.parse(text)
        except InstallerSpecError as error:
            raise self._error(error.problem, scenario, name, hint=error.hint) from error
        if spec.path is not None:
            hint = f"a build has the name of its installer: {spec.name}"
            raise self._error("this is a path", scenario, name, hint=hint)
        if spec.releases is not None:
            releases = [str(release) for release in SpecifierSet(spec.releases)]
            if len(releases) > 1 or not re.fullmatch(r"==[^*]+", releases[0]):
                hint = f"name each release: {spec.name}==VERSION"
                raise self._error("this is a range", scenario, name, hint=hint)
            return f"{spec.name}{releases[0]}{name[len(text) :]}"
        return name

    def _known(self, entry: object, scenario: str, name: str) -> Known:
        table = self._table(entry, "a table with verdict and step", scenario, name)
        for key in sorted(table.keys() - set(KEYS)):
            raise self._error("unknown key", scenario, name, key, hint=_near(key, KEYS))
        verdict = self._verdict(table.get("verdict"), scenario, name, "verdict")
        step = table.get("step")
        where = (scenario, name, "step")
        if verdict not in MISBEHAVES:
            if step is not None:
                raise self._error(f"a play with verdict {verdict} has no step that failed", *where)
            return Known(verdict)
        if type(step) is not int or step < 1:
            fault = "is missing" if step is None else f"must be a number from 1 on, not {step!r}"
            raise self._error(f"the step that failed {fault}", *where)
        return Known(verdict, step)

    def _verdict(self, text: object, *where: str) -> Verdict:
        if not isinstance(text, str):
            fault = "is missing" if text is None else f"must be a string, not {text!r}"
            raise self._error(f"the verdict {fault}", *where)
        if text not in set(Verdict):
            raise self._error(f"there is no verdict {text!r}", *where, hint=_near(text, Verdict))
        return Verdict(text)

    def _table(self, value: object, wanted: str, *where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._error(f"must be {wanted}, not {value!r:.60}", *where)
        return value

    def _error(self, problem: str, *where: str, hint: str = "") -> BaselineError:
        return BaselineError(self.file, problem, ".".join(map(_quoted, where)), hint)


def _near(text: str, names: Iterable[str]) -> str:
    known = [str(name) for name in names]
    near = get_close_matches(text, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"


def _quoted(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else f'"{key}"'
