"""Parse ages such as ``7 days ago``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

AGO: Final = r"^([0-9]{1,4}) (second|minute|hour|day|week)s? ago$"
"""A regular expression that matches ages."""


def read_age(text: str) -> timedelta | None:
    """Parse an age such as ``7 days ago``, or return None if the text is not an age."""
    ago = re.fullmatch(AGO, text)
    return timedelta(**{f"{ago[2]}s": int(ago[1])}) if ago else None
