"""Ten small projects and their indexes, for captures with any installer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pytest_indexcache.index.indexes import FakeIndexes
from pytest_indexcache.messages import Exchange
from pytest_indexcache.scenario.tables.indexes import Index
from tests.functional.transports.loopback_server import loopback_server

COMMANDS: Final[Mapping[str, Sequence[str]]] = {
    "uv": ("uv", "sync"),
    "pip": ("pip", "install", "-r", "requirements.txt"),
    "poetry": ("poetry", "install"),
    "pdm": ("pdm", "install"),
}
"""For each installer, the command that its user would run."""


@dataclass(frozen=True)
class RealProject:
    """A project with its requirements, and its indexes, whose URLs are given without an origin."""

    name: str
    dependencies: Sequence[str]
    indexes: Mapping[str, Mapping[str, Any]]
    sources: Mapping[str, str] = field(default_factory=dict)

    def write(self, folder: Path, origin: str) -> None:
        """Write the files of the project for every installer."""
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{text}\n" for text in self.dependencies)
        (folder / "requirements.txt").write_text(lines)
        quoted = ", ".join(json.dumps(text) for text in self.dependencies)
        text = (
            f'[project]\nname = "{self.name}"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
            f"dependencies = [{quoted}]\n"
        )
        for number, (name, table) in enumerate(self.indexes.items()):
            url = f'name = "{name}"\nurl = "{origin}{table["url"]}"\n'
            is_first = number == 0
            text += f"[[tool.uv.index]]\n{url}{'default = true' if is_first else ''}\n"
            priority = "primary" if is_first else "supplemental"
            text += f'[[tool.poetry.source]]\n{url}priority = "{priority}"\n'
            # Unless a source is called pypi, PDM asks pypi.org too.
            text += f"[[tool.pdm.source]]\n{url.replace(name, 'pypi', 1) if is_first else url}"
        (folder / "pyproject.toml").write_text(text)


PURE: Final[dict[str, Any]] = {}
SDIST: Final[dict[str, Any]] = {"files": [{"kind": "sdist"}]}

PROJECTS: Final = (
    RealProject(
        "plain",
        ["acme-core"],
        {
            "main": {
                "url": "/simple",
                "server": "pypi",
                "packages": {
                    "acme-core": {
                        "1.0": {"requires": ["acme-http>=1"], "size": "40 KiB"},
                        "0.9": PURE,
                    },
                    "acme-http": {"2.0": {"requires": ["idna"]}, "1.0": PURE},
                    "idna": {"3.10": PURE},
                },
            }
        },
    ),
    RealProject(
        "old-server",
        ["acme-core", "six"],
        {
            "main": {
                "url": "/repo/simple",
                "server": "pypiserver",
                "packages": {
                    "acme-core": {"1.0": {"requires": ["idna<4"]}, "2.0": {"requires": ["idna<4"]}},
                    "six": {"1.16.0": PURE, "1.17.0": PURE},
                    "idna": {"3.10": PURE, "4.0": PURE},
                },
            }
        },
    ),
    RealProject(
        "team-stage",
        ["acme-core[fast]"],
        {
            "main": {
                "url": "/team/dev/+simple",
                "server": "devpi",
                "packages": {
                    "acme-core": {"1.0": {"extras": {"fast": ["attrs"]}, "requires": ["six"]}},
                    "attrs": {"25.1.0": PURE},
                    "six": {"1.17.0": PURE},
                },
            }
        },
    ),
    RealProject(
        "no-store",
        ["acme-core"],
        {
            "main": {
                "url": "/whl/cpu",
                "server": "pytorch",
                "packages": {
                    "acme-core": {"1.0": {"requires": ["idna", "six"]}},
                    "idna": {"3.10": PURE},
                    "six": {"1.17.0": PURE},
                },
            }
        },
    ),
    RealProject(
        "backtracking",
        ["acme-web", "acme-db"],
        {
            "main": {
                "url": "/simple",
                "server": "pypi",
                "packages": {
                    "acme-web": {
                        v: {"requires": [f"six=={w}"]}
                        for v, w in (("3.0", "3.0"), ("2.0", "2.0"), ("1.0", "1.0"))
                    },
                    "acme-db": {"1.0": {"requires": ["six<2"]}},
                    "six": {"1.0": PURE, "2.0": PURE, "3.0": PURE},
                },
            }
        },
    ),
    RealProject(
        "markers",
        ["acme-core; sys_platform != 'plan9'", "colors; sys_platform == 'plan9'"],
        {
            "main": {
                "url": "/simple",
                "server": "artifactory",
                "packages": {
                    "acme-core": {
                        "1.0": {
                            "requires": [
                                "six",
                                "winapi; sys_platform == 'win32'",
                                "old; python_version < '3'",
                            ]
                        }
                    },
                    "six": {"1.17.0": PURE},
                    "winapi": {"1.0": PURE},
                    "old": {"1.0": PURE},
                    "colors": {"1.0": PURE},
                },
            }
        },
    ),
    RealProject(
        "two-indexes",
        ["acme-core", "six"],
        {
            "main": {
                "url": "/public/simple",
                "server": "pypi",
                "packages": {"six": {"1.17.0": PURE}, "idna": {"3.10": PURE}},
            },
            "team": {
                "url": "/private/simple",
                "server": "nexus",
                "packages": {"acme-core": {"1.0": {"requires": ["idna"]}}},
            },
        },
    ),
    RealProject(
        "yanked-and-tags",
        ["acme-core", "six"],
        {
            "main": {
                "url": "/simple",
                "server": "pypi",
                "packages": {
                    "acme-core": {
                        "1.1": {"yanked": "broken"},
                        "1.0": {
                            "files": [
                                {},
                                {"tag": "cp311-cp311-manylinux_2_17_x86_64"},
                                {"kind": "sdist"},
                            ]
                        },
                    },
                    "six": {
                        "1.17.0": {"requires-python": ">=3"},
                        "2.0": {"requires-python": ">=4"},
                    },
                },
            }
        },
    ),
    RealProject(
        "large-wheels",
        ["acme-core"],
        {
            "main": {
                "url": "/simple",
                "server": "none",
                "metadata": False,
                "packages": {
                    "acme-core": {"1.0": {"requires": ["acme-data"], "padding": "300 KiB"}},
                    "acme-data": {"5.0": {"padding": "2 MiB", "size": "200 MiB"}},
                },
            }
        },
    ),
    RealProject(
        "source-only",
        ["acme-core", "six"],
        {
            "main": {
                "url": "/simple",
                "server": "pypi",
                "packages": {
                    "acme-core": {"1.0": SDIST},
                    "six": {"1.17.0": PURE},
                },
            }
        },
    ),
)


def _ignored(exchange: Exchange) -> None:
    """Discard an exchange."""


@contextmanager
def served(project: RealProject) -> Iterator[str]:
    """Serve the indexes of a project on the loopback; yield the origin of their URLs."""

    def make(origin: str) -> FakeIndexes:
        tables = {
            name: Index.model_validate({**table, "url": f"{origin}{table['url']}"})
            for name, table in project.indexes.items()
        }
        return FakeIndexes(tables)

    with loopback_server(make, _ignored) as origin:
        yield origin
