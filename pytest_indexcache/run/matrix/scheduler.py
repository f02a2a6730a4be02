"""Play a matrix on the workers of a Dask scheduler, on one machine or on many.

If a worker is lost, Dask plays its cells again on another worker.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from pytest_indexcache.errors import PlayError
from pytest_indexcache.installers.containment.modes import ContainmentMode
from pytest_indexcache.run.matrix.cells import Cell, PlayTask
from pytest_indexcache.run.matrix.circumstances import circumstances
from pytest_indexcache.run.matrix.matrix import Tell, cells_to_play
from pytest_indexcache.run.matrix.records import Records
from pytest_indexcache.run.matrix.results import Circumstances
from pytest_indexcache.run.matrix.workers import Done, Workplace
from pytest_indexcache.run.plays.results import PlayResult
from pytest_indexcache.run.session import PlaySession

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS: Final = 10.0
"""The seconds to wait for a response from the scheduler."""

_HERE: Final = threading.local()
_HINT: Final = "start its workers with the same pytest-indexcache, Python and platform as this one"


def play_on_scheduler(
    cells: Sequence[Cell],
    records: Records,
    *,
    address: str,
    tell: Tell,
    contained: ContainmentMode = ContainmentMode.AUTO,
) -> None:
    """Play all cells that were not played before on the workers of a Dask scheduler.

    ``address`` is the scheduler's address, such as ``tcp://10.0.0.1:8786``. Results are stored by
    this process, so workers need no store. On Ctrl-C, cells that have not been started are
    cancelled.

    :raises PlayError: if Dask is not installed, the scheduler does not answer, or a worker's
        version of this package, Python or platform differs from this process's
    :raises StoreError: if the store cannot be read
    """
    left = cells_to_play(cells, records, tell)
    if not left:
        return
    with _client(address) as client:
        from distributed import KilledWorker, as_completed

        for worker, theirs in client.run(circumstances).items():
            _demand_likeness(theirs, worker)
        tasks = [PlayTask.of(cell) for cell in left]
        futures = client.map(play_in_worker, tasks, contained=contained, pure=False)
        cell_of = dict(zip(futures, left, strict=True))
        try:
            for future in as_completed(futures):
                cell = cell_of[future]
                try:
                    theirs, result = future.result()
                    _demand_likeness(theirs, "a worker")
                    done = Done(0, PlayTask.of(cell), result)
                except KilledWorker:
                    lost = "was lost with each worker that it was given to"
                    done = Done(0, PlayTask.of(cell), lost=lost)
                tell(records.enter(cell, done), False)
        finally:
            client.cancel(futures)


def play_in_worker(
    task: PlayTask, *, contained: ContainmentMode
) -> tuple[Circumstances, PlayResult]:
    """Run a task in a thread of a Dask worker, and return the circumstances and the result.

    The thread keeps its session and its folder for later tasks.
    """
    workplace: Workplace | None = getattr(_HERE, "workplace", None)
    if workplace is None:
        from distributed import get_worker

        # Dask removes this folder with the worker, even if the worker crashes.
        folder = Path(mkdtemp(prefix="plays-", dir=get_worker().local_directory))
        workplace = _HERE.workplace = Workplace(PlaySession(contained=contained), folder)
    return circumstances(), task(workplace)


@contextmanager
def _client(address: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError:
        raise PlayError(
            "--scheduler needs Dask, which is not installed",
            "install it with: pip install 'pytest-indexcache[dask]'",
        ) from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise PlayError(
            f"no Dask scheduler answers at {address}: {error}",
            "start one with `dask scheduler`, and name the address that it prints",
        ) from None
    with client:
        yield client


def _demand_likeness(theirs: Circumstances, worker: str) -> None:
    ours = circumstances()
    if theirs != ours:
        raise PlayError(f"{worker} plays with {theirs}, and this process with {ours}", _HINT)
