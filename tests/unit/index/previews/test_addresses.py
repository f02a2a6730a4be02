"""The URLs of pages and files, each with the step that adds it."""

from __future__ import annotations

from pytest_indexcache.index.previews.addresses import addresses
from pytest_indexcache.scenario import loads

TEXT = """
title = "t"
[indexes.cpu]
url = "https://download.pytorch.org/whl/cpu"
[indexes.cpu.packages.torch]
"2.0+cpu" = { metadata = false }
"1.0" = { metadata = { missing = true }, url = "https://s3.example/torch/?key=1" }
[indexes.flat]
url = "https://links.example/torch.html"
flat = true
[indexes.devpi]
url = "https://devpi.example/root/+simple"
[[steps]]
do = "go-down"
index = "flat"
[[steps]]
do = "publish"
index = "cpu"
project = "six"
version = "1.0"
[[steps]]
do = "install"
requirements = ["six"]
index = "cpu"
expect.downloads.six = 1
"""


def test_every_page_and_file_is_told_once_with_its_step() -> None:
    """Each URL is listed once, with its query; metadata URLs only if metadata is served."""
    found = [(it.step, it.index, str(it.kind), it.url) for it in addresses(loads(TEXT))]
    cpu = "https://download.pytorch.org/whl/cpu"
    assert found == [
        (0, "cpu", "page", f"{cpu}/"),
        (0, "cpu", "page", f"{cpu}/torch/"),
        (0, "cpu", "wheel", f"{cpu}/torch-2.0%2Bcpu-py3-none-any.whl"),
        (0, "cpu", "wheel", "https://s3.example/torch/torch-1.0-py3-none-any.whl?key=1"),
        (0, "flat", "page", "https://links.example/torch.html"),
        (0, "devpi", "page", "https://devpi.example/root/+simple/"),
        (2, "cpu", "page", f"{cpu}/six/"),
        (2, "cpu", "wheel", f"{cpu}/six-1.0-py3-none-any.whl"),
        (2, "cpu", "metadata", f"{cpu}/six-1.0-py3-none-any.whl.metadata"),
    ]
