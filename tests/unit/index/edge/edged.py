"""An index behind an edge, and requests to it."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import Response
from pytest_indexcache.scenario.tables.changes import Purge, Warm

from ..asking import JSON, NOW, PYPI, one_index
from ..test_fake_index_changes import change

PAGE = f"{PYPI}/six/"
FOLDER = "https://files.pythonhosted.org/packages/"
EDGE_STEP: TypeAdapter[Purge | Warm] = TypeAdapter(Purge | Warm)

HTML = {"Accept": "text/html"}
GZIP = {"Accept": JSON, "Accept-Encoding": "gzip"}
AS_JSON = {"Accept": JSON}
BOTH = f"{JSON}, text/html;q=0.1"
FRESH = {"cache-control": "max-age=60", "etag": '"$md5"', "age": False}
"""Header fields of answers that may be reused for a minute, and revalidated later."""


def edged(pages: Any = FRESH, files: Any = FRESH, edge: Any = None, **table: Any) -> FakeIndexes:
    """Make an index with one release of six behind an edge."""
    headers = {"profile": "none", "pages": pages, "files": files}
    packages: dict[str, Any] = {"six": {"1.0": {}}}
    return one_index(headers=headers, packages=packages, edge=edge or {}, **table)


def edge_step(served: FakeIndexes, do: str, now: float = NOW, **keys: Any) -> None:
    """Apply a step of a scenario to the edge."""
    step = EDGE_STEP.validate_python({"do": do, "index": "main", **keys})
    served["main"].apply_to_edge(step, now)


def way(response: Response) -> str:
    """Return the source of an answer: the store, or the index with its status."""
    if response.behind is None:
        return "store" if response.subject.from_edge else "nowhere"
    return f"index {response.behind.status}"


def publish(served: FakeIndexes) -> None:
    """Publish another release on the index."""
    change(served, "publish", project="six", version="2.0")
