"""The folder of a provisioned release in the cache folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.installers.provisioning.release_folder import ReleaseFolder
from pytest_indexcache.system.pythons.interpreter import running_interpreter


@pytest.mark.parametrize(
    ("extras", "requirement"),
    [((), "fetch==1.2"), (("tls",), "fetch[tls]==1.2"), (("a", "b"), "fetch[a,b]==1.2")],
)
def test_release_is_asked_for_with_its_extras(
    extras: tuple[str, ...], requirement: str, tmp_path: Path
) -> None:
    """The requirement of a provisioned release names its extras, but its spec does not."""
    folder = ReleaseFolder(tmp_path, "fetch", "1.2", running_interpreter(), extras)
    assert (folder.requirement, folder.spec) == (requirement, "fetch==1.2")
