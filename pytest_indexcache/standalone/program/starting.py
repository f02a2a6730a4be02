"""Play a recorded scenario with an installer of this machine.

A proxy on loopback repeats the answers of the indexes at their real URLs, as recorded when the
script was written. No other host can be reached. All files are written to a temporary folder, which
is removed at the end. The installer's commands run with your rights: nothing contains them.

Expectations are checked against the requests, the exit codes of commands, and the venv. Exit codes:
0 if all expectations hold, 1 if one does not, 2 if a play is not possible, 130 on Ctrl-C. The
script needs Python 3.8 or later, and no packages besides the installer.
"""

from __future__ import annotations

import argparse
import base64
import json
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

from pytest_indexcache.standalone.program.playing import ScriptedPlay

DATA = ""


def main(arguments: list[str] | None = None) -> int:
    """Play the scenario, and return the exit code."""
    data = json.loads(  # noqa: TID251 - the package is not there
        zlib.decompress(base64.b85decode(DATA))
    )
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--installer", default=data["installer"], help="the executable")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder")
    chosen = parser.parse_args(arguments)
    installer = shutil.which(chosen.installer)
    if installer is None:
        print(f"there is no executable {chosen.installer}", file=sys.stderr)
        return 2
    root = Path(tempfile.mkdtemp(prefix="indexcache-script-")).resolve()
    try:
        return _played(ScriptedPlay(data, str(Path(installer).absolute()), root))
    except (OSError, KeyboardInterrupt) as error:
        print(f"it cannot be played: {str(error) or 'interrupted'}", file=sys.stderr)
        return 2 if isinstance(error, OSError) else 130
    finally:
        if chosen.keep:
            print(f"kept in {root}")
        else:
            shutil.rmtree(str(root), ignore_errors=True)


def _played(scenario: ScriptedPlay) -> int:
    print(scenario.data["title"])
    scenario.begin()
    for step in scenario.data["steps"]:
        if scenario.play(step):
            print(f"\nmisbehaves at step {step['number']}")
            return 1
        for key in step.get("not_judged", ()):
            print(f"  (not judged by this script: {key})")
    print("\nbehaves: every expectation that this script judges holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
