"""URLs and paths as single values."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from pytest_indexcache.scenario.tables.fields import (
    InnerPath,
    InstallPlace,
    LocalFilePath,
    extras_of,
    without_extras,
)

PATH = TypeAdapter[str](InnerPath)
PLACE = TypeAdapter[str](InstallPlace)
FILE = TypeAdapter[str](LocalFilePath)


@pytest.mark.parametrize("text", ["$HOME", "a/${HOME}/b", "%2e%2e/x", "../x", "/x", "~/x", "a:b"])
def test_a_path_that_could_lead_out_is_refused(text: str) -> None:
    """A path that leads out, or that an installer could expand, is refused."""
    with pytest.raises(ValidationError, match=r"is not a path|leaves the workspace"):
        PATH.validate_python(text)
    for place in (text, f"{text}[web]"):
        with pytest.raises(ValidationError, match=r"is not a path|leaves the workspace"):
            PLACE.validate_python(place)


@pytest.mark.parametrize(
    ("place", "folder", "extras"),
    [
        ("lib", "lib", ""),
        ("lib[web]", "lib", "[web]"),
        ("a/lib[web,cli-2]", "a/lib", "[web,cli-2]"),
        ("lib[web, cli]", "lib", "[web, cli]"),
        ("files/foo-1.0-py3-none-any.whl[web]", "files/foo-1.0-py3-none-any.whl", "[web]"),
    ],
)
def test_extras_stand_behind_a_place_to_install(place: str, folder: str, extras: str) -> None:
    """Extras at the end of an install target are split off as by installers."""
    assert PLACE.validate_python(place) == place
    assert (without_extras(place), extras_of(place)) == (folder, extras)


@pytest.mark.parametrize(
    "text",
    [
        "../a/foo-1.0.tar.gz",
        "foo-1.0.zip",
        "foo.txt",
        "foo-1.0.whl",
        "foo-x.tar.gz",
    ],
)
def test_a_local_file_has_the_name_of_a_wheel_or_of_an_sdist(text: str) -> None:
    """A local file must have a path inside the workspace and the name of a wheel or sdist."""
    with pytest.raises(ValidationError, match=r"leaves the workspace|is not the path"):
        FILE.validate_python(text)
