"""Find the scenario files that a pytest run plays, and determine their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_indexcache.errors import UpstreamError
from pytest_indexcache.index.upstreams.named_upstreams import read_upstreams
from pytest_indexcache.scenario_files import catalogue_folder, in_catalogue


def naming_folder(config: pytest.Config) -> Path:
    """Return the folder to which the names of scenarios are relative.

    This is pytest's rootdir if a configuration file or an option determines it. Otherwise, rootdir
    depends on the arguments, so the folder in which pytest was started is used instead.
    """
    is_certain = config.inipath is not None or config.getoption("rootdir")
    return config.rootpath if is_certain else config.invocation_params.dir


def scenario_exists(config: pytest.Config, name: str) -> bool:
    """Return whether a scenario with this name is in the catalogue or in the naming folder."""
    inside = in_catalogue(Path(name))
    return (inside is not None and inside.is_file()) or (naming_folder(config) / name).is_file()


def arguments(config: pytest.Config) -> list[str]:
    """Return pytest's arguments, or the catalogue's folder if none were given.

    Names of catalogue files, such as ``scenarios/a.toml``, are replaced with their paths.
    """
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return [str(catalogue_folder())]
    folder, unwanted = config.invocation_params.dir, baselines(config)
    wanted = (argument for argument in config.args if (folder / argument).resolve() not in unwanted)
    return [_argument(folder, argument) for argument in wanted]


def baselines(config: pytest.Config) -> frozenset[Path]:
    """Return the paths of baseline files, which are not scenarios."""
    names = (config.option.indexcache_baseline, config.option.indexcache_write_baseline)
    return frozenset(Path(name).resolve() for name in names if name)


def _argument(folder: Path, argument: str) -> str:
    path, separator, rest = argument.partition("::")
    inside = None if (folder / path).exists() else in_catalogue(Path(path))
    return argument if inside is None else f"{inside}{separator}{rest}"


def upstreams(config: pytest.Config) -> dict[str, str]:
    """Return the URLs of servers that take the place of fake indexes, keyed by index name."""
    try:
        return read_upstreams(config.getoption("--indexcache-upstream") or ())
    except UpstreamError as error:
        raise pytest.UsageError(f"--indexcache-upstream: {error}") from error
