"""The scenario files that a pytest run plays, and the base folder of their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import UpstreamError
from pytest_indexcache.index.upstreams.named_upstreams import read_upstreams
from pytest_indexcache.scenario_files import catalogue_folder, in_catalogue


def naming_folder(config: pytest.Config) -> Path:
    """Return the base folder of scenario names: rootdir, or the folder in which pytest was started.

    Without a configuration file, pytest derives rootdir from all arguments, so that rootdir would
    change once the baseline exists.
    """
    is_certain = config.inipath is not None or config.getoption("rootdir")
    return config.rootpath if is_certain else config.invocation_params.dir


def scenario_exists(config: pytest.Config, name: str) -> bool:
    """Return whether the catalogue or the naming folder contains a scenario with this name."""
    inside = in_catalogue(Path(name))
    return (inside is not None and inside.is_file()) or (naming_folder(config) / name).is_file()


def arguments(config: pytest.Config) -> list[str]:
    """Return the arguments that pytest collects: the given ones, or the catalogue by default.

    Catalogue files can be named in the form used in node ids, whatever the working folder is.
    """
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return [str(catalogue_folder())]
    folder, unwanted = config.invocation_params.dir, baselines(config)
    wanted = (it for it in config.args if (folder / it).resolve() not in unwanted)
    return [_argument(folder, argument) for argument in wanted]


def baselines(config: pytest.Config) -> frozenset[Path]:
    """Return the baseline files, which are never collected as scenarios."""
    names = (config.option.indexcache_baseline, config.option.indexcache_write_baseline)
    return frozenset(Path(name).resolve() for name in names if name)


def _argument(folder: Path, argument: str) -> str:
    path, separator, rest = argument.partition("::")
    inside = None if (folder / path).exists() else in_catalogue(Path(path))
    return argument if inside is None else f"{inside}{separator}{rest}"


def upstreams(config: pytest.Config) -> dict[str, str]:
    """Return the URLs of the running servers that replace fake indexes, keyed by index name."""
    try:
        return read_upstreams(config.getoption("--indexcache-upstream") or ())
    except UpstreamError as error:
        raise pytest.UsageError(f"--indexcache-upstream: {error}") from error
