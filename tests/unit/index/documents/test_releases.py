"""The core metadata and modules of a release."""

from __future__ import annotations

import pytest

from pytest_indexcache.index.documents.releases import ReleaseSpec, with_extra


def test_core_metadata_names_requirements_and_extras() -> None:
    """Requirements of an extra have a marker for that extra only (PEP 508)."""
    spec = ReleaseSpec(
        "Torch", "2.8.0+cpu", ("filelock",), (("Cuda_12", ("nvidia-cublas>=1",)),), ">=3.9"
    )
    assert spec.metadata().decode().splitlines() == [
        "Metadata-Version: 2.2",
        "Name: Torch",
        "Version: 2.8.0+cpu",
        "Requires-Python: >=3.9",
        "Requires-Dist: filelock",
        "Provides-Extra: cuda-12",
        'Requires-Dist: nvidia-cublas>=1; extra == "cuda-12"',
    ]
    assert spec.stem == "torch-2.8.0+cpu"


def test_requirement_of_an_extra_keeps_its_own_marker() -> None:
    """A requirement keeps its own marker, to which the marker of its extra is added."""
    marked = with_extra('six; sys_platform == "linux"', "a")
    assert marked == 'six; sys_platform == "linux" and extra == "a"'


def test_attributes_become_a_tree_of_modules() -> None:
    """A dotted attribute makes its module a package; one with parentheses becomes a function."""
    spec = ReleaseSpec(
        "torch", "1", attributes=(("version.cuda", "12.8"), ("cuda.is_available()", True))
    )
    files = {path: text.decode() for path, text in spec.module_files().items()}
    assert set(files) == {"torch/__init__.py", "torch/version.py", "torch/cuda.py"}
    assert files["torch/version.py"] == "cuda = '12.8'\n"
    assert files["torch/cuda.py"] == "def is_available(): return True\n"


@pytest.mark.parametrize(
    "attributes",
    [
        (("not a name", 1),),
        (("class", 1),),
        (("a", 1), ("a.b", 2)),
        (("a()", 1), ("a", 2)),
        (("os;import sys", 1),),
    ],
)
def test_attribute_that_python_cannot_read_is_refused(
    attributes: tuple[tuple[str, int], ...],
) -> None:
    """Attributes that are not identifiers, or that clash with a module, are refused."""
    with pytest.raises(ValueError, match="attribute"):
        ReleaseSpec("a", "1", attributes=attributes)
