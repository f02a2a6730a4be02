"""Requirements read from real core metadata."""

from __future__ import annotations

from pytest_indexcache.drafts.captures.indexes.core_metadata import core_requirements

TEXT = """\
Metadata-Version: 2.1
Name: acme
Requires-Python: >=3.8
Provides-Extra: fast
Provides-Extra: Slow_One
Requires-Dist: six (>=1)
Requires-Dist: win; sys_platform == 'win32'
Requires-Dist: attrs; extra == 'fast'
Requires-Dist: idna>=2; (python_version < "3.9") and extra == "slow-one"
Requires-Dist: other
Requires-Dist: pip @ https://host/pip.zip
Requires-Dist: !!!

Body
"""


def test_requirements_of_known_projects_are_told() -> None:
    """Requirements keep their extras, and requirements on projects not requested are left out."""
    told = core_requirements(TEXT, {"six", "win", "attrs", "idna", "pip"})
    assert told.requires == ("six>=1", 'win; sys_platform == "win32"')
    assert told.extras == {"fast": ["attrs"], "slow-one": ['idna>=2; python_version < "3.9"']}
    assert told.requires_python == ">=3.8"
    assert told.left_out == ("pip @ https://host/pip.zip", "!!!")
