"""What can be expected of requests and responses: scenarios whose last step is met, or is not."""

from __future__ import annotations

from .expectations import Expected
from .small_pypi import PYPI

_LARGE = PYPI.replace('six."1.17.0" = {}', 'six."1.17.0" = { padding = "64 KiB" }')
_CUT = f"""{_LARGE}
[[steps]]
do = "install"
requirements = ["idna"]
[[steps]]
do = "fail"
index = "pypi"
how = "cut"
after = "48 KiB"
kind = "wheel"
[[steps]]
do = "install"
requirements = ["six"]
"""

TRAFFIC = {
    "bytes": Expected(
        _CUT,
        'bytes = { six = "<= 120 KiB" }',
        'bytes = { six = "<= 68 KiB" }',
        key="bytes.six",
        seen="11???? B",
        cause="; what had come before a cut was asked for again, without a Range for the rest",
    ),
    "bytes in all": Expected(
        _CUT,
        'bytes = ">= 64 KiB"',
        "bytes = {}",
        key="bytes.six",
        seen="11???? B",
        cause="six-1.17.0-py3-none-any.whl was sent in 2 responses",
    ),
}
