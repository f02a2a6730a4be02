"""Making venvs: virtualenv makes one for each Python, and the others are written after its model.

Importing virtualenv takes a tenth of a second, a third of what a sync from the stores takes
altogether. A venv without pip is a few links and small texts, which differ from those of another
venv only where its path and its name stand.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from pytest_indexcache.errors import UsageError
from pytest_indexcache.system.json_files import read_json, write_json
from pytest_indexcache.system.pythons.interpreter import Interpreter

_OLDEST: Final = (3, 8)
"""The oldest Python for which virtualenv still makes venvs: its files are an error in others."""

# Paths that no shell's activation script has to quote in its own way.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./-]+")
_CONFIG: Final = "pyvenv.cfg"
_PATH, _NAME = "\0path\0", "\0name\0"


@dataclass(frozen=True)
class VenvTemplate:
    """What is in a venv, by path in it; texts have marks where its own path and name stand."""

    folders: list[str]
    links: Mapping[str, str]
    texts: Mapping[str, str]

    @classmethod
    def of(cls, venv: Path) -> VenvTemplate | None:
        """Describe a venv, or return None if it holds what is no folder, link or small text."""
        folders, links, texts = [], {}, {}
        for path in sorted(venv.rglob("*")):
            place = path.relative_to(venv).as_posix()
            if path.is_symlink():
                links[place] = str(path.readlink())
            elif path.is_dir():
                folders.append(place)
            else:
                try:
                    text = path.read_text("utf-8")
                except (OSError, UnicodeDecodeError):
                    return None
                texts[place] = text.replace(str(venv), _PATH).replace(venv.name, _NAME)
        return cls(folders, links, texts)

    def write(self, venv: Path) -> None:
        """Make a venv of it; what tells that it is whole is written last."""
        for place in self.folders:
            (venv / place).mkdir(parents=True, exist_ok=True)
        for place, target in self.links.items():
            (venv / place).symlink_to(target)
        for place in sorted(self.texts, key=lambda it: it == _CONFIG):
            text = self.texts[place].replace(_PATH, str(venv)).replace(_NAME, venv.name)
            (venv / place).write_text(text, "utf-8")


def make_venv(
    folder: Path, interpreter: Interpreter, app_data: Path, maker: Path | None = None
) -> None:
    """Make a venv without pip in an empty folder.

    ``app_data`` is a folder for templates, and for what virtualenv learnt of Pythons. ``maker`` is
    a Python that has a virtualenv of its own; without it the one beside the running Python is used.

    :raises UsageError: if virtualenv cannot make one
    """
    template = None
    if os.name == "posix" and _PLAIN.fullmatch(str(folder)):
        file = app_data / f"template-{_mark(interpreter, maker)}.json"
        template = _recall(file) or _make_template(file, interpreter, app_data, maker)
    if template is None:
        _run_virtualenv(folder, interpreter, app_data, maker)
    else:
        template.write(folder)


def _mark(interpreter: Interpreter, maker: Path | None) -> str:
    """Describe the Python and the virtualenv that a template is for."""
    status = interpreter.executable.stat()
    if maker is None:
        found = find_spec("virtualenv")
        origin = Path(found.origin) if found and found.origin else Path()
    else:
        origin = maker
    facts = (
        interpreter.executable,
        status.st_size,
        status.st_mtime_ns,
        interpreter.target.python_version,
        origin,
        origin.lstat().st_mtime_ns,
        _uses_virtualenv(interpreter, maker),
    )
    return sha256(repr(facts).encode()).hexdigest()[:32]


def _uses_virtualenv(interpreter: Interpreter, maker: Path | None) -> bool:
    """Return whether virtualenv knows a Python; one of its own day does, where it has a maker."""
    return maker is not None or interpreter.version >= _OLDEST


def _recall(file: Path) -> VenvTemplate | None:
    try:
        return VenvTemplate(**read_json(file))
    except TypeError:
        return None


def _make_template(
    file: Path, interpreter: Interpreter, app_data: Path, maker: Path | None
) -> VenvTemplate | None:
    from tempfile import TemporaryDirectory

    app_data.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="model-", dir=app_data) as text:
        model = Path(text) / f"venv-{os.urandom(8).hex()}"
        if not _PLAIN.fullmatch(str(model)):
            return None
        _run_virtualenv(model, interpreter, app_data, maker)
        template = VenvTemplate.of(model)
    if template is not None:
        write_json(file, asdict(template))
    return template


def _run_virtualenv(
    folder: Path, interpreter: Interpreter, app_data: Path, maker: Path | None
) -> None:
    arguments = ["--no-seed", "--no-periodic-update", "--app-data", str(app_data)]
    arguments += ["--python", str(interpreter.executable), str(folder)]
    # Settings of the user for virtualenv (VIRTUALENV_*, its ini file) have no say here.
    settings = {"VIRTUALENV_CONFIG_FILE": os.devnull, "PATH": os.environ.get("PATH", "")}
    try:
        if not _uses_virtualenv(interpreter, maker):
            _start(interpreter.executable, ["venv", "--without-pip", str(folder)], settings)
        elif maker is None:
            import virtualenv

            virtualenv.cli_run(arguments, setup_logging=False, env=settings)
        else:
            _start(maker, ["virtualenv", *arguments], settings)
    except (RuntimeError, OSError, SystemExit) as error:
        # Pythons that virtualenv does not know any more can do it themselves.
        try:
            _start(interpreter.executable, ["venv", "--without-pip", str(folder)], settings)
        except (RuntimeError, OSError):
            raise UsageError(f"no venv could be made in {folder}: {error}") from error


def _start(python: Path, arguments: list[str], settings: Mapping[str, str]) -> None:
    """Run a module of a Python; raise RuntimeError with its output if it fails."""
    import subprocess

    done = subprocess.run(
        [str(python), "-I", "-m", *arguments],
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout.strip())
