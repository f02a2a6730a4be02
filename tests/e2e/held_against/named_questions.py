"""Resolver questions with their answers, one for each rule that a resolver has to follow.

The specifications give the answers: PEP 440 for versions, PEP 508 for requirements, PEP 592 for
yanked files, the wheel format for tags and build tags. If several sets of releases meet all
requirements, the answer is pip's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .resolving import Question

Versions = Mapping[str, str]


@dataclass(frozen=True)
class Named:
    """A question with its answer: the versions, or None if nothing meets the requirements.

    ``files`` are the expected files, if a release has several.
    """

    question: Question
    versions: Versions | None
    files: tuple[str, ...] = ()


def ask(
    *asked: str,
    of: Mapping[str, Any],
    gives: Versions | None,
    files: tuple[str, ...] = (),
    constraints: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
    lines: tuple[str, ...] = (),
    **index: Any,
) -> Named:
    """Make a question; ``of`` maps projects to releases, each given as requirements or a table."""
    packages = {
        project: {
            version: {"requires": release} if isinstance(release, list) else release
            for version, release in releases.items()
        }
        for project, releases in of.items()
    }
    return Named(Question(asked, packages, constraints, options, lines, index), gives, files)


def plain(*versions: str) -> dict[str, list[str]]:
    """Return releases without requirements."""
    return {version: [] for version in versions}


_RIVALS: Final = {
    "ash": {"2.0": ["oak>=2"], "1.0": []},
    "birch": {"2.0": ["oak<2"], "1.0": []},
    "oak": plain("1.0", "2.0"),
}
_COLOURED: Final = {
    "ash": {
        "1.0": {"extras": {"more-colours": ["oak"], "all": ["ash[more-colours]"]}},
        "2.0": {"extras": {"more-colours": ["oak>=9"], "all": ["ash[more-colours]"]}},
    },
    "oak": plain("1.0"),
}
_LOCAL: Final = {"ash": plain("1.0", "1.0+one", "1.0+two.2", "0.9")}
_EARLY: Final = {"ash": plain("1.0", "2.0a1", "2.0rc1", "2.1.dev1")}
_YANKED: Final = {"ash": {"1.0": {}, "2.0": {"yanked": "broken"}}}
_YANKED_LOCAL: Final = {"ash": {"1.0": {}, "1.0+one": {"yanked": True}}}
_OLD: Final = {"tag": "py2-none-any"}
_SDIST: Final = {"kind": "sdist"}

NAMED: Final[Mapping[str, Named]] = {
    # Backtracking
    "the newest release": ask(
        "ash", of={"ash": plain("1.0", "1.10", "1.9")}, gives={"ash": "1.10"}
    ),
    "an older release of what is asked for": ask(
        "ash",
        "oak<2",
        of={"ash": {"1.0": ["oak"], "2.0": ["oak>=2"]}, "oak": plain("1.0", "2.0")},
        gives={"ash": "1.0", "oak": "1.0"},
    ),
    "an older release two steps below": ask(
        "ash",
        of={
            "ash": {"1.0": ["birch", "cedar"]},
            "birch": {"1.0": ["oak"], "2.0": ["oak>=2"], "3.0": ["oak>=3"]},
            "cedar": {"1.0": ["oak<2"]},
            "oak": plain("1.0", "2.0", "3.0"),
        },
        gives={"ash": "1.0", "birch": "1.0", "cedar": "1.0", "oak": "1.0"},
    ),
    "a release whose dependency does not exist": ask(
        "ash", of={"ash": {"1.0": [], "2.0": ["nowhere"]}}, gives={"ash": "1.0"}
    ),
    "no set of releases": ask(
        "ash", "oak<2", of={**_RIVALS, "ash": {"2.0": ["oak>=2"]}}, gives=None
    ),
    "a project that does not exist": ask("nowhere", of={"ash": plain("1.0")}, gives=None),
    "a circle": ask(
        "ash",
        of={"ash": {"1.0": [], "2.0": ["oak>=2"]}, "oak": {"2.0": ["ash<2"], "2.1": ["ash"]}},
        gives={"ash": "2.0", "oak": "2.1"},
    ),
    "what is asked for first": ask(
        "birch", "ash", of=_RIVALS, gives={"birch": "2.0", "ash": "1.0", "oak": "1.0"}
    ),
    "what has an upper bound": ask(
        "ash", "birch<3", of=_RIVALS, gives={"birch": "2.0", "ash": "1.0", "oak": "1.0"}
    ),
    "what is pinned": ask(
        "birch", "ash==2.0", of=_RIVALS, gives={"birch": "1.0", "ash": "2.0", "oak": "2.0"}
    ),
    "two requirements of one project": ask(
        "ash>=1.0", "ash<2.0", of={"ash": plain("0.9", "1.5", "2.0")}, gives={"ash": "1.5"}
    ),
    "constraints": ask(
        "ash",
        of={"ash": {"1.0": [], "2.0": ["oak"]}, "oak": plain("1.0", "2.0"), "elm": plain("1.0")},
        constraints=("oak<2", "elm==1.0"),
        gives={"ash": "2.0", "oak": "1.0"},
    ),
    "no dependencies": ask("ash", of=_RIVALS, options=("--no-deps",), gives={"ash": "2.0"}),
    "metadata within wheels": ask(
        "birch",
        "ash",
        of=_RIVALS,
        metadata=False,
        gives={"birch": "2.0", "ash": "1.0", "oak": "1.0"},
    ),
    # Names, extras and markers (PEP 508)
    "names in other spellings": ask(
        "Ash_Tree",
        of={"ash-tree": {"1.0": ["OAK.Nut>=1"]}, "oak-nut": plain("1.0")},
        gives={"ash-tree": "1.0", "oak-nut": "1.0"},
    ),
    "an extra": ask("ash[more-colours]<2", of=_COLOURED, gives={"ash": "1.0", "oak": "1.0"}),
    "an extra in another spelling": ask(
        "ash[More_Colours]<2", of=_COLOURED, gives={"ash": "1.0", "oak": "1.0"}
    ),
    "an older release for the sake of an extra": ask(
        "ash[more-colours]", of=_COLOURED, gives={"ash": "1.0", "oak": "1.0"}
    ),
    "an extra of extras": ask("ash[all]", of=_COLOURED, gives={"ash": "1.0", "oak": "1.0"}),
    "an extra that no release has": ask("ash[nothing]", of=_COLOURED, gives={"ash": "2.0"}),
    "an extra and a bound from elsewhere": ask(
        "ash",
        "birch[fast]",
        of={
            "ash": {"1.0": ["birch<2"]},
            "birch": {version: {"extras": {"fast": ["oak"]}} for version in ("1.0", "2.0")},
            "oak": plain("1.0"),
        },
        gives={"ash": "1.0", "birch": "1.0", "oak": "1.0"},
    ),
    "an extra after its project": ask(
        "ash[fast]>=1.0",
        "birch",
        of={
            **_RIVALS,
            "ash": {
                "1.0": {"extras": {"fast": []}},
                "2.0": {"extras": {"fast": ["oak>=2"]}},
            },
        },
        gives={"ash": "1.0", "birch": "2.0", "oak": "1.0"},
    ),
    "markers": ask(
        "ash",
        'elm ; python_version < "3"',
        of={
            "ash": {
                "1.0": [
                    'oak ; python_version >= "3.8" and implementation_name != "never"',
                    'elm ; sys_platform == "never" or python_full_version < "3"',
                ]
            },
            "oak": plain("1.0"),
            "elm": plain("1.0"),
        },
        gives={"ash": "1.0", "oak": "1.0"},
    ),
    # Versions (PEP 440)
    "a local version for a public one": ask("ash==1.0", of=_LOCAL, gives={"ash": "1.0+two.2"}),
    "a local version by its name": ask("ash==1.0+one", of=_LOCAL, gives={"ash": "1.0+one"}),
    "no local version of an excluded one": ask("ash!=1.0", of=_LOCAL, gives={"ash": "0.9"}),
    "no local version beyond its public one": ask("ash>1.0", of=_LOCAL, gives=None),
    "an epoch": ask("ash", of={"ash": plain("2024.1", "1!0.5")}, gives={"ash": "1!0.5"}),
    "a post-release": ask(
        "ash>=1.0", of={"ash": plain("1.0", "1.0.post1")}, gives={"ash": "1.0.post1"}
    ),
    "no post-release beyond its release": ask(
        "ash>1.0", of={"ash": plain("1.0", "1.0.post1")}, gives=None
    ),
    "compatible releases": ask(
        "ash~=1.4.2", of={"ash": plain("1.4.9", "1.5")}, gives={"ash": "1.4.9"}
    ),
    "a prefix": ask("ash==1.*", of={"ash": plain("1.0", "1.10", "2.0")}, gives={"ash": "1.10"}),
    "arbitrary equality": ask("ash===1.0", of=_LOCAL, gives={"ash": "1.0"}),
    "no pre-release": ask("ash", of=_EARLY, gives={"ash": "1.0"}),
    "a pre-release by its name": ask("ash>=2.0a1", of=_EARLY, gives={"ash": "2.1.dev1"}),
    "a pre-release if there is nothing else": ask("ash>1.0", of=_EARLY, gives={"ash": "2.1.dev1"}),
    "pre-releases by an option": ask("ash", of=_EARLY, lines=("--pre",), gives={"ash": "2.1.dev1"}),
    "a pre-release that a dependency names": ask(
        "oak",
        of={**_EARLY, "oak": {"1.0": ["ash<2.0,>=1.0a1"]}},
        gives={"oak": "1.0", "ash": "1.0"},
    ),
    # Yanked files (PEP 592)
    "no yanked release": ask("ash", of=_YANKED, gives={"ash": "1.0"}),
    "a yanked release that is pinned": ask("ash==2.0", of=_YANKED, gives={"ash": "2.0"}),
    "a yanked release that a dependency pins": ask(
        "oak", of={**_YANKED, "oak": {"1.0": ["ash==2"]}}, gives={"oak": "1.0", "ash": "2.0"}
    ),
    "no yanked release in a range": ask("ash>=2.0", of=_YANKED, gives=None),
    "no yanked release by a prefix": ask("ash==2.*", of=_YANKED, gives=None),
    "no yanked release beside one that is not": ask(
        "ash==1.0", of=_YANKED_LOCAL, gives={"ash": "1.0"}
    ),
    "a yanked release by its local version": ask(
        "ash==1.0+one", of=_YANKED_LOCAL, gives={"ash": "1.0+one"}
    ),
    # Files: tags, build tags, sdists, Requires-Python
    "an older release with a wheel that fits": ask(
        "ash", of={"ash": {"1.0": [], "2.0": _OLD}}, gives={"ash": "1.0"}
    ),
    "no wheel that fits": ask("ash", of={"ash": {"2.0": _OLD}}, gives=None),
    "the wheel whose tag is the most specific": ask(
        "ash",
        of={"ash": {"1.0": {"files": [{}, {"tag": "py3-none-any", "build-tag": "1"}, _OLD]}}},
        gives={"ash": "1.0"},
        files=("ash-1.0-1-py3-none-any.whl",),
    ),
    "the highest build tag": ask(
        "ash",
        of={"ash": {"1.0": {"files": [{}, {"build-tag": "9"}, {"build-tag": "10"}]}}},
        gives={"ash": "1.0"},
        files=("ash-1.0-10-py3-none-any.whl",),
    ),
    "a wheel before an sdist": ask(
        "ash",
        of={"ash": {"1.0": {"files": [_SDIST, {}]}}},
        gives={"ash": "1.0"},
        files=("ash-1.0-py3-none-any.whl",),
    ),
    "an sdist where no wheel fits": ask(
        "ash",
        of={"ash": {"1.0": [], "2.0": {"files": [_SDIST, _OLD]}}},
        gives={"ash": "2.0"},
        files=("ash-2.0.tar.gz",),
    ),
    "an older release for this Python": ask(
        "ash",
        of={"ash": {"1.0": {"requires-python": ">=3"}, "2.0": {"requires-python": ">=3.99"}}},
        gives={"ash": "1.0"},
    ),
    "no release for this Python": ask(
        "ash", of={"ash": {"2.0": {"requires-python": "<3"}}}, gives=None
    ),
}
