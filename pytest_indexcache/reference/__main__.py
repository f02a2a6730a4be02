"""``python -m pytest_indexcache.reference``: the reference installer on the command line."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_indexcache.errors import ReferenceInstallerError, UsageError
from pytest_indexcache.reference.commanding.arguments import PROGRAM, build_parser

if TYPE_CHECKING:
    from pytest_indexcache.reference.behaviour import Behaviour
    from pytest_indexcache.reference.commanding.cache_commands import CacheCommands
    from pytest_indexcache.reference.commanding.demand import Demand
    from pytest_indexcache.reference.commanding.project_commands import ProjectCommands
    from pytest_indexcache.reference.commanding.requirement_commands import RequirementCommands
    from pytest_indexcache.reference.packages import IndexLocation
    from pytest_indexcache.reference.selection import Selection
    from pytest_indexcache.reference.session import Options, Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say, and return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    chosen = build_parser(given[0] if given else None).parse_args(given)
    try:
        code = _do(chosen) or 0
        if sys.stdout is not None:  # as it is where it is closed
            sys.stdout.flush()
    except UsageError as error:
        return _complain(str(error), 2)
    except ReferenceInstallerError as error:
        return _complain(str(error), 1)
    except BrokenPipeError:
        # Whoever read the output has had enough of it; nothing may be written at exit, either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _complain(f"{error}\n  hint: see to the disk, and to who may write there", 1)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)
    return code


def _leave(code: int) -> None:
    """End the process, without taking the interpreter apart: that takes a tenth of a command."""
    atexit._run_exitfuncs()
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError):  # the code tells already that something went wrong
            stream.flush()
    os._exit(code)


def _complain(text: str, code: int) -> int:
    print(f"error: {text}", file=sys.stderr)
    return code


def _do(chosen: Namespace) -> int | None:
    name = chosen.command if chosen.command != "cache" else f"cache-{chosen.action}"
    return _COMMANDS[name](chosen)


def _lock(chosen: Namespace) -> None:
    _project(chosen).lock(Path(chosen.project), locked=chosen.locked, options=_options(chosen))


def _sync(chosen: Namespace) -> None:
    _project(chosen).sync(
        Path(chosen.project),
        extras=chosen.extra,
        groups=chosen.group,
        frozen=chosen.frozen,
        locked=chosen.locked,
        options=_options(chosen),
    )


def _run(chosen: Namespace) -> int:
    done = _project(chosen).run(
        Path(chosen.project),
        chosen.arguments,
        extras=chosen.extra,
        groups=chosen.group,
        frozen=chosen.frozen,
        locked=chosen.locked,
        capture=False,
        options=_options(chosen),
    )
    return done.exit_code


def _add(chosen: Namespace) -> None:
    place = chosen.editable or chosen.path
    _project(chosen).add(
        Path(chosen.project),
        chosen.requirements,
        index=_named_index(chosen.index) if chosen.index else None,
        path=Path(place) if place else None,
        editable=bool(chosen.editable),
        extra=chosen.extra,
        group=chosen.group,
        options=_options(chosen),
    )


def _remove(chosen: Namespace) -> None:
    _project(chosen).remove(
        Path(chosen.project),
        chosen.projects,
        extra=chosen.extra,
        group=chosen.group,
        options=_options(chosen),
    )


def _install(chosen: Namespace) -> None:
    _requirements(chosen).install(_demand(chosen), options=_options(chosen))


def _sync_requirements(chosen: Namespace) -> None:
    _requirements(chosen).sync_requirements(_demand(chosen), options=_options(chosen))


def _compile(chosen: Namespace) -> None:
    _requirements(chosen).compile(
        _demand(chosen),
        Path(chosen.output),
        hashes=chosen.generate_hashes,
        options=_options(chosen),
    )


def _uninstall(chosen: Namespace) -> None:
    _requirements(chosen).uninstall(chosen.projects, options=_options(chosen))


def _remove_venv(chosen: Namespace) -> None:
    _requirements(chosen).remove_venv(Path(chosen.venv or ".venv"))


def _clear(chosen: Namespace) -> None:
    _cache(chosen).clear_cache(chosen.projects)


def _prune(chosen: Namespace) -> None:
    _cache(chosen).prune_cache(ci=chosen.ci)


def _print_folder(chosen: Namespace) -> None:
    print(_settings(chosen).cache_dir)


_COMMANDS: Mapping[str, Callable[[Namespace], int | None]] = {
    "lock": _lock,
    "sync": _sync,
    "run": _run,
    "add": _add,
    "remove": _remove,
    "install": _install,
    "sync-requirements": _sync_requirements,
    "compile": _compile,
    "uninstall": _uninstall,
    "remove-venv": _remove_venv,
    "cache-clear": _clear,
    "cache-prune": _prune,
    "cache-dir": _print_folder,
}


# Each process does one command: it imports what that one takes, and starts the sooner for it.


def _project(chosen: Namespace) -> ProjectCommands:
    from pytest_indexcache.reference.commanding.project_commands import ProjectCommands

    return ProjectCommands(_settings(chosen))


def _requirements(chosen: Namespace) -> RequirementCommands:
    from pytest_indexcache.reference.commanding.requirement_commands import RequirementCommands

    return RequirementCommands(_settings(chosen))


def _cache(chosen: Namespace) -> CacheCommands:
    from pytest_indexcache.reference.commanding.cache_commands import CacheCommands

    return CacheCommands(_settings(chosen))


def _settings(chosen: Namespace) -> Settings:
    from pytest_indexcache.reference.packages import PYPI
    from pytest_indexcache.reference.session import Settings

    environment = os.environ
    index_url = (
        getattr(chosen, "index_url", None)
        or environment.get("INDEXCACHE_INDEX_URL")
        or environment.get("PIP_INDEX_URL")
        or PYPI
    )
    return Settings(
        cache_dir=_cache_folder(chosen.cache_dir),
        clock=time.time,
        default_index=index_url,
        indexes=tuple(_named_index(text) for text in getattr(chosen, "extra_index_url", ())),
        behaviour=_behaviour(chosen.variant),
        echo=_echo if not chosen.quiet else _ignore,
        journal=_explain if chosen.verbose else _ignore,
    )


def _echo(line: str) -> None:
    print(line, flush=True)


def _explain(sentence: str) -> None:
    print(f"# {sentence}", file=sys.stderr, flush=True)


def _ignore(text: str) -> None:
    pass


def _cache_folder(named: str | None) -> Path:
    folder = named or os.environ.get("INDEXCACHE_CACHE_DIR")
    if folder:
        return Path(folder).absolute()
    from platformdirs import user_cache_path

    return user_cache_path("pytest-indexcache", appauthor=False) / "reference"


def _behaviour(variant: str | None) -> Behaviour:
    from pytest_indexcache.reference.behaviour import CORRECT, VARIANTS

    if variant is None:
        return CORRECT
    if variant not in VARIANTS:
        raise UsageError(
            f"there is no variant {variant!r}", hint=f"choose one of {', '.join(VARIANTS)}"
        )
    return VARIANTS[variant]


def _named_index(text: str) -> IndexLocation:
    from pytest_indexcache.reference.packages import IndexLocation

    name, found, url = text.partition("=")
    if not found or "://" in name:
        name, url = text, text
    if "://" not in url:
        raise UsageError(f"{text!r} is no index", hint="write NAME=URL")
    return IndexLocation(name, url)


def _options(chosen: Namespace) -> Options:
    from pytest_indexcache.reference.session import Options

    return Options(
        venv=Path(chosen.venv) if chosen.venv else None,
        python=chosen.python,
        offline=getattr(chosen, "offline", False),
        refresh=_selection(chosen, "refresh"),
        upgrade=_selection(chosen, "upgrade"),
        reinstall=_selection(chosen, "reinstall"),
        no_binary=_named_selection(getattr(chosen, "no_binary", ())),
        no_build=_named_selection(getattr(chosen, "no_build", ())),
        no_cache=getattr(chosen, "no_cache", False),
        no_sources=getattr(chosen, "no_sources", False),
        no_deps=getattr(chosen, "no_deps", False),
        compile_bytecode=getattr(chosen, "compile_bytecode", False),
        index_strategy=getattr(chosen, "index_strategy", "first-index"),
    )


def _selection(chosen: Namespace, name: str) -> Selection:
    from pytest_indexcache.reference.selection import Selection

    return Selection.of(getattr(chosen, name, False) or getattr(chosen, f"{name}_package", ()))


def _named_selection(names: Sequence[str]) -> Selection:
    from pytest_indexcache.reference.selection import EVERYTHING, Selection

    return EVERYTHING if ":all:" in names else Selection.of(names)


def _demand(chosen: Namespace) -> Demand:
    from pytest_indexcache.reference.commanding.demand import Demand
    from pytest_indexcache.reference.commanding.requirements_file import read_requirements

    constraints, overrides = (
        [line.text for path in paths for line in read_requirements(Path(path)).requirements]
        for paths in (chosen.constraint, chosen.override)
    )
    if not (chosen.requirements or chosen.requirement or chosen.editable):
        raise UsageError(
            "nothing is asked for", hint=f"name requirements, -r FILE or -e DIR; see {PROGRAM} -h"
        )
    return Demand(
        requirements=chosen.requirements,
        editable=chosen.editable,
        files=[Path(path) for path in chosen.requirement],
        constraints=constraints,
        overrides=overrides,
        default_index=chosen.index_url,
        find_links=chosen.find_links,
        no_index=chosen.no_index,
        require_hashes=chosen.require_hashes,
    )


if __name__ == "__main__":
    # A command is over before it is worth while to look for garbage as often as Python does.
    gc.set_threshold(100_000)
    _leave(main())
