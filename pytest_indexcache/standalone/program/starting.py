"""Play a recorded scenario with an installer on this machine.

A proxy on loopback repeats the responses from the indexes at their real URLs, as recorded when the
script was written. No other host can be reached. All files are written to a temporary folder, which
is removed at the end. The installer's commands run with your rights: nothing contains them.

Expectations are checked against the requests, the commands' exits and outputs, the lockfile and the
venv; any expectations that are not checked are listed. Exit codes: 0 if all checked expectations
are met, 1 if one is not, 2 if a play is not possible, 130 on Ctrl-C. The script needs Python 3.8 or
later (3.11 or later to read lockfiles), and no packages besides the installer.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from pytest_indexcache.standalone.program.playing import ScriptedPlay
from pytest_indexcache.standalone.program.workspace import ScriptWorkspace

DATA = ""


def main(arguments: list[str] | None = None) -> int:
    """Play the scenario, and return the exit code."""
    data = json.loads(  # noqa: TID251 - the package is not there
        zlib.decompress(base64.b85decode(DATA))
    )
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--installer", default=data["installer"], help="the executable")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder")
    parser.add_argument(
        "--python", action="append", default=[], metavar="PATH", help="a Python that a step needs"
    )
    parser.add_argument(
        "--release",
        action="append",
        default=[],
        metavar="VERSION=PATH",
        help="the executable of another release that a step needs",
    )
    chosen = parser.parse_args(arguments)
    root = Path(tempfile.mkdtemp(prefix="indexcache-script-")).resolve()
    try:
        installers = {"": _executable(chosen.installer)}
        for text in chosen.release:
            version, _, path = text.partition("=")
            installers[version] = _executable(path, version)
        workspace = ScriptWorkspace(data, root, chosen.python)
        return _played(ScriptedPlay(data, installers, workspace))
    except (OSError, subprocess.SubprocessError, KeyboardInterrupt) as error:
        is_end = isinstance(error, KeyboardInterrupt)
        print(f"it cannot be played: {str(error) or 'interrupted'}", file=sys.stderr)
        return 130 if is_end else 2
    finally:
        if chosen.keep:
            print(f"kept in {root}")
        else:
            shutil.rmtree(str(root), ignore_errors=True)


def _executable(name: str, version: str = "") -> str:
    """Return the path of an installer's executable.

    :raises OSError: if ``version`` is given and the installer has a different version
    """
    found = shutil.which(name)
    if found is None:
        raise OSError(f"there is no executable {name}")
    path = str(Path(found).absolute())
    if version:
        said = subprocess.run([path, "--version"], stdout=subprocess.PIPE, check=False).stdout
        if version not in re.findall(r"[\w.+-]*\w", said.decode("utf-8", "replace")):
            raise OSError(f"{name} is not release {version}")
    return path


def _played(scenario: ScriptedPlay) -> int:
    print(scenario.data["title"])
    problems: list[str] = []
    for step in scenario.data["steps"]:
        problems = scenario.play(step)
        if problems:
            break
    if not scenario.has_acted:
        raise OSError("the installer did nothing: it made no request and changed no file")
    if problems:
        print(f"\nmisbehaves at step {step['number']}")
        return 1
    print("\nbehaves: every expectation that this script judges holds")
    if scenario.not_judged:
        print(f"not judged: {'; '.join(scenario.not_judged)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
