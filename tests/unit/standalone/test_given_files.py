"""The files of a scenario outside its project, in an exported script."""

from __future__ import annotations

import base64
import io
import zipfile

from pytest_indexcache.scenario.loader import loads
from pytest_indexcache.standalone.given_files import binary_files, netrc_files

TEXT = """\
title = "x"
[indexes.pypi]
url = "https://pypi.org/simple"
users = { ada = "secret" }
[access.pypi]
netrc = true
[local-files]
"wheels/six-1.0-py3-none-any.whl" = {}
[local-projects]
lib = { path = "lib" }
[[steps]]
do = "lock"
expect = { downloads = {} }
"""


def test_wheels_and_local_projects_are_told_as_bytes() -> None:
    """A script contains wheels in folders, and files of local projects, by their paths."""
    scenario = loads(TEXT)
    files = binary_files(scenario.local_files, scenario.local_projects)
    wheel = base64.b64decode(files["wheels/six-1.0-py3-none-any.whl"][0])
    assert "six-1.0.dist-info/METADATA" in zipfile.ZipFile(io.BytesIO(wheel)).namelist()
    assert b'name = "lib"' in base64.b64decode(files["lib/pyproject.toml"][0])


def test_users_in_netrc_are_told_as_the_file() -> None:
    """A user of netrc is written into a netrc file, as in the home folder of a play."""
    assert netrc_files(loads(TEXT)) == {
        ".home/.netrc": "machine pypi.org login ada password secret\n"
    }
