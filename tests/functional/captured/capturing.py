"""Captures with the reference installer at indexes on loopback."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pytest_indexcache.drafts.captures.commands import CapturedStep, NamedIndex
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements
from pytest_indexcache.index.exchanges.handler import Handler
from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.installers.registry import create_installer
from pytest_indexcache.messages import Exchange, Headers, Request, Response
from pytest_indexcache.run.captures.capturing import Capture, MakeIndexes, capture
from pytest_indexcache.run.captures.project_folder import CaptureRequest, plan_capture
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.run.session import PlaySession
from pytest_indexcache.scenario.model import Scenario
from pytest_indexcache.scenario.tables.indexes import Index
from tests.functional.transports.loopback_server import loopback_server


def ignored(exchange: Exchange) -> None:
    """Discard an exchange."""


class Telling:
    """Indexes whose responses have more header fields than those of a fake index."""

    def __init__(self, indexes: FakeIndexes, fields: Mapping[str, str]) -> None:
        self._indexes = indexes
        self._fields = Headers.of(fields)

    @property
    def origins(self) -> Any:
        """Return the origins of the indexes."""
        return self._indexes.origins

    def is_reachable(self, host: str) -> bool:
        """Return whether the indexes are up."""
        return self._indexes.is_reachable(host)

    def handle(self, request: Request, now: float) -> Response:
        """Answer as the indexes do, with additional header fields."""
        answer = self._indexes.handle(request, now)
        headers = Headers(answer.headers.fields + self._fields.fields)
        return Response(answer.status, headers, answer.content, answer.delivery, answer.subject)


def _at(value: Any, origin: str) -> Any:
    """Return tables with each ``ORIGIN`` replaced by the origin of the server."""
    if isinstance(value, Mapping):
        return {key: _at(each, origin) for key, each in value.items()}
    if isinstance(value, list):
        return [_at(each, origin) for each in value]
    return value.replace("ORIGIN", origin) if isinstance(value, str) else value


def captured(
    folder: Path,
    tables: Mapping[str, Mapping[str, Any]],
    step: Mapping[str, Any],
    *,
    fields: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    login: str = "",
    replacements: Replacements | None = None,
    named: bool = True,
) -> Capture:
    """Capture a step of the reference installer; an index URL in ``tables`` is a path on loopback.

    ``ORIGIN`` in the tables and in the files of the folder is replaced by the server's origin.
    """

    def make(origin: str) -> Handler:
        indexes = {
            name: Index.model_validate(_at({**table, "url": f"ORIGIN{table['url']}"}, origin))
            for name, table in tables.items()
        }
        return Telling(FakeIndexes(indexes), fields or {})

    with loopback_server(make, ignored) as origin, PlaySession() as session:
        for file in folder.glob("*.*"):
            file.write_text(file.read_text().replace("ORIGIN", origin))
        base = origin.replace("://", f"://{login}@") if login else origin
        indexes = [
            NamedIndex(f"{base}{table['url']}", number == 0, name)
            for number, (name, table) in enumerate(tables.items())
        ]
        asked = CapturedStep("reference", ("reference", "sync"), dict(step))
        plan = plan_capture(
            CaptureRequest(
                folder,
                (asked, asked),
                tuple(indexes) if named else (),
                environment=environment or {},
            )
        )
        installer = create_installer("reference")

        def play(scenario: Scenario, make_indexes: MakeIndexes | None) -> PlayResult:
            with TemporaryDirectory() as root:
                return session.play(
                    scenario, "capture", installer, "wire", Path(root), make_indexes=make_indexes
                )

        return capture(plan, play, replacements or Replacements())
