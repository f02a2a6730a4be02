"""Import dotted names in a venv, and print their values.

The text of this file is passed to a Python interpreter with ``-c``. It therefore uses only the
standard library and the syntax of Python 3.6.
"""

import importlib
import json
import os
import site
import sys
import traceback


def value_of(dotted: str) -> object:
    """Return the value of a dotted name; errors and complex values are returned as text."""
    parts = dotted.split(".")
    failure = None
    for depth in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:depth]))
            for part in parts[depth:]:
                value = getattr(value, part)
        except (ImportError, AttributeError) as error:
            failure = f"{type(error).__name__}: {error}"
            continue
        plain = isinstance(value, (str, int, float, bool, type(None)))
        return value if plain else "module " + getattr(value, "__name__", "?")
    return failure


def values_of(*names: str) -> "dict[str, object]":
    """Return the value of each name.

    An import or attribute that is missing affects only its own value. If any other exception is
    raised, even ``SystemExit``, all names get the text of this exception as their value.
    """
    # Bytecode counts as valid while the size of the source and the second of its last change stay
    # the same. The next build of a release can have the same values, so none is written.
    sys.dont_write_bytecode = True
    try:
        return {dotted: value_of(dotted) for dotted in names}
    except BaseException as error:  # noqa: BLE001
        failure = traceback.format_exception_only(type(error), error)[-1].strip()
        return dict.fromkeys(names, failure)


def work(venv: str, python: str, *names: str) -> "dict[str, object]":
    """Turn this process into the Python of a venv, and return the values of the names.

    This process must be a fork of a Python interpreter that has not looked for site-packages yet.
    """
    sys.prefix = sys.exec_prefix = venv
    sys.executable = python
    sys.dont_write_bytecode = True
    site.main()
    return values_of(*names)


def answer_once() -> None:
    """Print, as JSON, the values of the names given on the command line."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps(values_of(*sys.argv[1:])), file=answers)
