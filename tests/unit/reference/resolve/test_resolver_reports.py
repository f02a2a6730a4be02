"""The projects of five reports, resolved with the reported indexes and versions."""

from __future__ import annotations

import pytest
from packaging.version import Version

from pytest_indexcache.errors import UnsatisfiableError, UsageError
from pytest_indexcache.messages import Headers
from pytest_indexcache.reference.words.packages import IndexLocation
from pytest_indexcache.reference.words.variants import VARIANTS
from pytest_indexcache.system.venvs.origins import Origin

from ..in_memory_indexes import PYPI
from ..world import World

CPU = "https://download.pytorch.org/whl/cpu"
CU128 = "https://download.pytorch.org/whl/cu128"
ROCM = "https://download.pytorch.org/whl/rocm6.3"
NVIDIA = "https://pypi.nvidia.com"

COMMON = {
    "filelock": "3.20.0",
    "fsspec": "2025.9.0",
    "jinja2": "3.1.6",
    "networkx": "3.5",
    "setuptools": "80.9.0",
    "sympy": "1.14.0",
    "typing-extensions": "4.15.0",
}
DEEPER = {"markupsafe": "3.0.3", "mpmath": "1.3.0"}
CUDA = {
    "nvidia-cublas-cu12": "12.8.4.1",
    "nvidia-cuda-cupti-cu12": "12.8.90",
    "nvidia-cuda-nvrtc-cu12": "12.8.93",
    "nvidia-cuda-runtime-cu12": "12.8.90",
    "nvidia-cudnn-cu12": "9.10.2.21",
    "nvidia-cufft-cu12": "11.3.3.83",
    "nvidia-cufile-cu12": "1.13.1.3",
    "nvidia-curand-cu12": "10.3.9.90",
    "nvidia-cusolver-cu12": "11.7.3.90",
    "nvidia-cusparse-cu12": "12.5.8.93",
    "nvidia-cusparselt-cu12": "0.7.1",
    "nvidia-nccl-cu12": "2.27.5",
    "nvidia-nvjitlink-cu12": "12.8.93",
    "nvidia-nvshmem-cu12": "3.3.20",
    "nvidia-nvtx-cu12": "12.8.90",
    "triton": "3.5.0",
}

SWITCHING = f"""
[project]
name = "moo"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["numpy"]

[project.optional-dependencies]
cpu = ["torch>=2.8.0"]
cu128 = ["torch>=2.8.0"]
pypi = ["torch>=2.8.0"]

[tool.indexcache]
conflicts = [["cpu", "cu128", "pypi"]]

[tool.indexcache.sources]
torch = [
  {{ index = "pytorch-cpu", extra = "cpu" }},
  {{ index = "pytorch-cu128", extra = "cu128" }},
  {{ index = "pytorch-pypi", extra = "pypi" }},
]

[[tool.indexcache.indexes]]
name = "pytorch-cpu"
url = "{CPU}"
explicit = true

[[tool.indexcache.indexes]]
name = "pytorch-cu128"
url = "{CU128}"
explicit = true

[[tool.indexcache.indexes]]
name = "pytorch-pypi"
url = "{PYPI}/"
explicit = true
"""


def publish_torch(world: World) -> None:
    """Publish torch 2.9.0 at its three indexes, as in report 004."""
    world.client.add("numpy", "2.3.4")
    world.client.add("jinja2", "3.1.6", ["MarkupSafe>=2.0"])
    world.client.add("sympy", "1.14.0", ["mpmath<1.4,>=1.1.0"])
    for name, version in {**COMMON, **DEEPER, **CUDA}.items():
        if name not in ("jinja2", "sympy"):
            world.client.add(name, version)
    common = [*COMMON]
    cuda = [f'{name}=={version}; platform_system == "Linux"' for name, version in CUDA.items()]
    world.client.add("torch", "2.9.0", [*common, *cuda])
    world.client.add("torch", "2.9.0+cpu", common, index=CPU)
    world.client.add("torch", "2.9.0+cu128", [*common, *cuda], index=CU128)


def test_004_locks_each_extra_with_its_own_build_of_torch(world: World) -> None:
    """In report 004, each extra is locked with the torch build from its own index."""
    publish_torch(world)
    lock = world.lock(world.project(SWITCHING))
    base = {"numpy": "2.3.4", **COMMON, **DEEPER}
    assert world.select(lock) == {"numpy": "2.3.4"}
    assert world.select(lock, "cpu") == {**base, "torch": "2.9.0+cpu"}
    assert world.select(lock, "cu128") == {**base, **CUDA, "torch": "2.9.0+cu128"}
    assert world.select(lock, "pypi") == {**base, **CUDA, "torch": "2.9.0"}
    assert len(world.select(lock, "cpu")) == 11
    assert len(world.select(lock, "pypi")) == 27


def test_004_entries_of_torch_exclude_each_other(world: World) -> None:
    """In report 004, the lock has an entry of torch for each of three extras."""
    publish_torch(world)
    lock = world.lock(world.project(SWITCHING))
    entries = [it for it in lock.pylock.packages if it.name == "torch"]
    assert [(str(it.version), str(it.marker), it.index) for it in entries] == [
        ("2.9.0", '"pypi" in extras', PYPI),
        ("2.9.0+cpu", '"cpu" in extras', CPU),
        ("2.9.0+cu128", '"cu128" in extras', CU128),
    ]
    (triton,) = [it for it in lock.pylock.packages if it.name == "triton"]
    assert str(triton.marker) == '"cu128" in extras or "pypi" in extras'
    (numpy,) = [it for it in lock.pylock.packages if it.name == "numpy"]
    assert numpy.marker is None


def test_004_refuses_two_of_the_extras_at_once(world: World) -> None:
    """In report 004, extras that exclude each other cannot be selected together."""
    publish_torch(world)
    lock = world.lock(world.project(SWITCHING))
    with pytest.raises(UsageError, match="cpu and pypi exclude each other"):
        world.select(lock, "cpu", "pypi")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ('{ path = "private", editable = true }', "editable"),
        ('{ path = "private" }', "path"),
        ('{ index = "company" }', "index"),
    ],
)
def test_004_the_comment_tells_folder_and_index_apart(world: World, source: str, kind: str) -> None:
    """The same version from an editable folder, a folder or an index has different origins."""
    (world.folder / "private").mkdir()
    (world.folder / "private" / "pyproject.toml").write_text(
        '[project]\nname = "my-private-pkg"\nversion = "0.1.0"\n'
    )
    world.client.add("my-private-pkg", "0.1.0", index="https://company.example/simple")
    definition = world.project(
        f"""
        [project]
        name = "foo"
        version = "0.1.0"
        dependencies = ["my-private-pkg>=0.1.0"]
        [tool.indexcache.sources]
        my-private-pkg = {source}
        [[tool.indexcache.indexes]]
        name = "company"
        url = "https://company.example/simple"
        """
    )
    lock = world.lock(definition)
    (pin,) = lock.select(target=world.target, indexes=definition.indexes)
    place = {"index": "https://company.example/simple"}.get(kind, str(world.folder / "private"))
    assert pin.origin.kind == kind
    assert pin.origin == Origin(pin.origin.kind, place)
    # A lock does not have the version of a source tree (PEP 751).
    assert pin.version == (Version("0.1.0") if kind == "index" else None)


def test_003_overrides_torch_from_an_extra_index(world: World) -> None:
    """In report 003, the override ``torch==2.0.0`` selects 2.0.0+cpu, even offline."""
    for version in ("2.0.0+cpu", "2.0.1+cpu"):
        world.client.add("torch", version, ["jinja2"], index=CPU)
    world.client.add("jinja2", "3.1.6")
    world.client.headers = Headers.of({"Cache-Control": "no-cache,no-store,must-revalidate"})
    indexes = [IndexLocation("extra", CPU), world.default]

    def install() -> dict[str, str]:
        return world.install("torch==2.0.1", overrides=["torch==2.0.0"], indexes=indexes)

    assert install() == {"torch": "2.0.0+cpu", "jinja2": "3.1.6"}
    world.client.offline = True
    assert install() == {"torch": "2.0.0+cpu", "jinja2": "3.1.6"}


def test_003_the_variant_finds_nothing_offline(world: World) -> None:
    """In report 003, the variant that does not record no-store pages finds nothing offline."""
    world.client.add("torch", "2.0.1+cpu", index=CPU)
    world.client.headers = Headers.of({"Cache-Control": "no-cache,no-store,must-revalidate"})
    indexes = [IndexLocation("extra", CPU), world.default]
    behaviour = VARIANTS["obey-no-store"]
    world.install("torch==2.0.1", indexes=indexes, behaviour=behaviour)
    world.client.offline = True
    with pytest.raises(UnsatisfiableError, match="torch was not found in the cache"):
        world.install("torch==2.0.1", indexes=indexes, behaviour=behaviour)


def test_002_takes_what_only_the_second_index_has(world: World) -> None:
    """In report 002, tensorrt-cu12 comes from the NVIDIA index, and requests from PyPI."""
    world.client.add("requests", "2.32.5")
    version = "10.14.1.48.post1"
    parts = [f"tensorrt_cu12_libs=={version}", f"tensorrt_cu12_bindings=={version}"]
    world.client.add("tensorrt-cu12", version, parts, index=NVIDIA)
    world.client.add("tensorrt-cu12-bindings", version, index=NVIDIA)
    world.client.add("tensorrt-cu12-libs", version, ["nvidia-cuda-runtime-cu12"], index=NVIDIA)
    world.client.add("nvidia-cuda-runtime-cu12", "12.9.79", index=NVIDIA)
    lock = world.lock(
        world.project(
            f"""
            [project]
            name = "kk"
            version = "0.1.0"
            dependencies = ["requests"]
            [project.optional-dependencies]
            cu12 = ["tensorrt-cu12"]
            [tool.indexcache.sources]
            tensorrt-cu12 = {{ index = "nv" }}
            [[tool.indexcache.indexes]]
            name = "nv"
            url = "{NVIDIA}/"
            """
        )
    )
    assert world.select(lock) == {"requests": "2.32.5"}
    assert world.select(lock, "cu12") == {
        "requests": "2.32.5",
        "tensorrt-cu12": version,
        "tensorrt-cu12-libs": version,
        "tensorrt-cu12-bindings": version,
        "nvidia-cuda-runtime-cu12": "12.9.79",
    }


def test_001_takes_files_from_beside_the_index(world: World) -> None:
    """In report 001, a file is downloaded from a URL outside the index that lists it."""
    world.client.add("torch", "2.8.0+rocm6.3", ["pytorch-triton-rocm==3.4.0"], index=ROCM)
    world.client.add("torchvision", "0.23.0+rocm6.3", ["torch==2.8.0"], index=ROCM)
    world.client.add("pytorch-triton-rocm", "3.4.0", index=ROCM)
    for entry in world.client.pages[f"{ROCM}/pytorch-triton-rocm/"]:
        entry["url"] = f"../../{entry['filename']}"
        del entry["core-metadata"]
    there = "https://download.pytorch.org/whl/pytorch_triton_rocm-3.4.0-py3-none-any.whl"
    here = f"{ROCM}/files/pytorch_triton_rocm-3.4.0-py3-none-any.whl"
    world.client.files[there] = world.client.files[here]
    definition = world.project(
        f"""
        [project]
        name = "project"
        version = "0.1.0"
        dependencies = [
          "torch==2.8.0+rocm6.3", "torchvision==0.23.0+rocm6.3", "pytorch-triton-rocm==3.4.0"
        ]
        [tool.indexcache.sources]
        pytorch-triton-rocm = {{ index = "pytorch-rocm" }}
        torch = {{ index = "pytorch-rocm" }}
        torchvision = {{ index = "pytorch-rocm" }}
        [[tool.indexcache.indexes]]
        name = "pytorch-rocm"
        url = "{ROCM}"
        explicit = true
        """
    )
    pins = world.lock(definition).select(target=world.target, indexes=definition.indexes)
    assert [(pin.name, str(pin.version)) for pin in pins] == [
        ("pytorch-triton-rocm", "3.4.0"),
        ("torch", "2.8.0+rocm6.3"),
        ("torchvision", "0.23.0+rocm6.3"),
    ]
    assert pins[0].file is not None
    assert pins[0].file.url == there
    assert pins[0].file.index == definition.indexes[0]


def test_000_takes_the_cpu_build_of_an_explicit_index(world: World) -> None:
    """In report 000, torch comes from its explicit index, and its dependencies from PyPI."""
    world.client.add("torch", "2.8.0", index=PYPI)
    world.client.add("torch", "2.8.0+cpu", ["filelock"], index=CPU)
    world.client.add("filelock", "3.20.0")
    world.client.add("filelock", "9.9", index=CPU)
    lock = world.lock(
        world.project(
            f"""
            [project]
            name = "moo"
            version = "0.1.0"
            dependencies = ["torch"]
            [tool.indexcache.sources]
            torch = {{ index = "pytorch-cpu" }}
            [[tool.indexcache.indexes]]
            name = "pytorch-cpu"
            url = "{CPU}"
            explicit = true
            """
        )
    )
    assert world.select(lock) == {"torch": "2.8.0+cpu", "filelock": "3.20.0"}
