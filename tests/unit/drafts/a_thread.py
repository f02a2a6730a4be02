"""An issue thread with prose, a project file and a log."""

from __future__ import annotations

from typing import Final

PROJECT: Final = """\
[project]
name = "secret-name"
version = "0.1.0"
requires-python = ">=3.12.0"
dependencies = ["torch==2.8.0+rocm6.3", "torchvision==0.23.0+rocm6.3", "trl>=0.20"]

[tool.uv.sources]
triton = { index = "pytorch-rocm" }
torch = { index = "pytorch-rocm" }
torchvision = [{ index = "pytorch-rocm" }]

[[tool.uv.index]]
name = "pytorch-rocm"
url = "https://download.pytorch.org/whl/rocm6.3"
explicit = true
"""
LOG: Final = """\
DEBUG uv 0.8.2
DEBUG Found project root: `/home/somebody/work`
Resolved 6 packages in 0.60ms
DEBUG Identified uncached distribution: triton==3.4.0
DEBUG Identified uncached distribution: torch==2.8.0+rocm6.3
DEBUG Registry requirement already cached: torchvision==0.23.0+rocm6.3
DEBUG Registry requirement already cached: trl==0.21.0
DEBUG Registry requirement already cached: numpy==2.3.2
DEBUG No cache entry for: https://download.pytorch.org/whl/triton-3.4.0-cp312-cp312-linux_x86_64.whl
DEBUG No cache entry for: https://download.pytorch.org/whl/rocm6.3/torch-2.8.0%2Brocm6.3-cp312-cp312-linux_x86_64.whl
Downloading torch (4.6GiB)
Downloading triton (246.7MiB)
"""
THREAD: Final = f"""\
```yaml
number: 15425
url: https://github.com/astral-sh/uv/issues/15425
```

# torch is always downloaded again

_@somebody_

```
{PROJECT}```

`uv sync -v` says, although `uv cache clean` was run:

```
{LOG}```

_Comment by @another_

```
DEBUG uv 0.9.10
DEBUG Found fresh response for: https://pypi.org/simple/six/
DEBUG Registry requirement already cached: six==1.17.0
```
"""
