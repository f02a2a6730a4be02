"""A source that takes torch from the index of CPU wheels."""

from __future__ import annotations

from .workplace import CPU

SOURCES = f"""
[tool.indexcache.sources]
torch = {{ index = "pytorch-cpu" }}

[[tool.indexcache.indexes]]
name = "pytorch-cpu"
url = "{CPU}"
explicit = true
"""
