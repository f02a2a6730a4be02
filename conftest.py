"""Settings of every test: Ctrl-C, the width of lines, hypothesis, and the ids of parameters."""

from __future__ import annotations

import os
import signal

try:
    from hypothesis import settings
except ModuleNotFoundError:  # the catalogue plays in this folder without what the tests need
    pass
else:
    settings.register_profile("indexcache", deadline=None, max_examples=60)
    settings.load_profile("indexcache")

# Workers of pytest-xdist have 80 columns, and a test is not to depend on how many run.
os.environ.pop("COLUMNS", None)

# A shell without job control has its background jobs ignore SIGINT, and so their children do.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name long bytes by their argument: archives hold times, and workers have to agree on ids."""
    return argname if isinstance(val, bytes) and len(val) > 20 else None
