"""A hypothesis profile that does not judge by the clock."""

from __future__ import annotations

try:
    from hypothesis import settings
except ModuleNotFoundError:  # the catalogue plays in this folder without what the tests need
    pass
else:
    settings.register_profile("indexcache", deadline=None, max_examples=60)
    settings.load_profile("indexcache")
