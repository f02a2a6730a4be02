"""Run the commands of a step."""

from __future__ import annotations

import subprocess
from typing import Any

from pytest_indexcache.standalone.program.judging import READERS, exit_kind
from pytest_indexcache.standalone.program.venvs import installed
from pytest_indexcache.standalone.program.workspace import ScriptWorkspace

SECONDS = 120
"""The time limit for a command, in seconds."""


class ScriptedCommands:
    """The commands of one step; ``marks`` maps placeholders in recorded commands to values."""

    def __init__(
        self, workspace: ScriptWorkspace, step: dict[str, Any], marks: dict[str, str]
    ) -> None:
        self.workspace = workspace
        self.step = step
        self.marks = marks
        self.folder = workspace.root / step.get("folder", "project")
        self.signs = dict(workspace.data["signs"])
        if "output" in step.get("expect", {}):  # what the installer says is expected
            self.signs["unplayable"] = []

    def run(self) -> dict[str, Any]:
        """Run the commands until one fails; return the kind of exit, the code and the output."""
        output, code, kind = [], 0, "success"
        self.folder.mkdir(parents=True, exist_ok=True)
        for command in self.step.get("commands", ()):
            self.workspace.write(command["files"])
            variables = {**self.step["environment"], **command["environment"]}
            words = command["words"] + self._surplus(command)
            if command["keeps"] is not None and words == command["words"]:
                continue
            if command["unless"] and self._start(command["unless"], variables)[0] == 0:
                continue
            if self._is_made(command["makes"], command["out_of"]):
                continue
            ended, said = self._start(words, variables)
            output.append(f"$ {command['shown']}\n{said}")
            lines = ["    " + _printable(line) for line in said.splitlines()]
            print("\n".join([f"  $ {command['shown']}", *lines]), flush=True)
            found = exit_kind(ended, said, self.signs)
            if found != "success" and not (found == "failure" and command["may_fail"]):
                code, kind = 124 if ended is None else ended, found
                break
        return {"exit": kind, "code": code, "output": "\n".join(output)}

    def _start(self, words: list[str], variables: dict[str, str]) -> tuple[int | None, str]:
        """Run a command, and return its exit code and output; the code is None after a timeout."""
        filled = {name: self._filled(text) for name, text in variables.items()}
        common = {k: self._filled(v) for k, v in self.workspace.environment(filled).items()}
        process = subprocess.Popen(
            [self._filled(word) for word in words],
            cwd=str(self.folder),
            env=common,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            output, _ = process.communicate(timeout=SECONDS)
            return process.returncode, output.decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            return None, f"[it did not end within {SECONDS} s]"
        finally:
            process.kill()

    def _filled(self, text: str) -> str:
        for mark, value in self.marks.items():
            text = text.replace(mark, value)
        return text

    def _surplus(self, command: dict[str, Any]) -> list[str]:
        """Return the projects in the venv that a command must remove.

        These are all projects except those in the command's list or lockfile ``keeps``.
        """
        kept = command["keeps"]
        if isinstance(kept, str):  # a lockfile
            kept = [package["name"] for package in READERS["lock"](self.folder / kept)]
        venv = installed(self.workspace.root / self.step["venv"])
        return [] if kept is None else sorted(set(venv) - set(kept))

    def _is_made(self, name: str, out_of: list[str]) -> bool:
        """Return whether a file in the project's folder is newer than all files in ``out_of``.

        If the file does not exist, the result is false.
        """
        if not name or not (self.folder / name).is_file():
            return False
        made = (self.folder / name).stat().st_mtime_ns
        sources = [self.folder / place for place in out_of]
        return all(made > source.stat().st_mtime_ns for source in sources if source.is_file())


def _printable(line: str) -> str:
    return "".join(word if word.isprintable() else "?" for word in line)
