"""The program that restricts a fork of a waiting Python before the fork does any work.

The text of this file is passed to the waiting Python with ``-c``, so it uses only the standard
library and the syntax of Python 3.6.
"""

import os
import signal
import struct

try:
    import ctypes

    _libc = ctypes.CDLL(None, use_errno=True)  # type: ctypes.CDLL | None
except (ImportError, OSError):
    _libc = None

_PR_SET_CHILD_SUBREAPER = 36
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1


def _call(*arguments: object) -> int:
    assert _libc is not None
    passed = [
        ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments
    ]
    result = int(_libc.syscall(*passed))
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock refuses")
    return result


def confine(limits: "tuple[str, list[tuple[str, int]]]") -> bool:
    """Restrict this process with a Landlock ruleset; return false if this is not possible.

    ``limits`` contains the attributes of the ruleset, in hex, and the rights for each path.
    """
    if _libc is None:
        return False
    attributes, rules = bytes.fromhex(limits[0]), limits[1]
    ruleset = _call(_CREATE_RULESET, attributes, len(attributes), 0)
    for path, rights in rules:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
        os.close(opened)
    _call(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return True


def sweep() -> None:
    """Kill every child of this process, and wait until none are left."""
    number = os.getpid()
    while True:
        with open("/proc/self/task/{}/children".format(number)) as file:  # noqa: PTH123, UP032
            left = file.read().split()
        if not left:
            return
        for child in left:
            os.kill(int(child), signal.SIGKILL)
        for child in left:
            os.waitpid(int(child), 0)


if __name__ == "__main__" and _libc is not None:
    # Processes that a fork leaves behind become children of this process.
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
