"""Play the steps of the recorded scenario."""

from __future__ import annotations

import base64
import os
import shutil
import ssl
import subprocess
import sys
import threading
import time
import venv
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pytest_indexcache.standalone.program.answers import RecordedIndexes, recorded_hosts
from pytest_indexcache.standalone.program.judging import find_problems, installed, readable_size
from pytest_indexcache.standalone.program.proxy import RecordedHandler


class ScriptedPlay:
    """One play of the recorded scenario, in a temporary folder and through a proxy."""

    def __init__(self, data: dict[str, Any], installer: str, root: Path) -> None:
        self.data = data
        self.installer = installer
        self.root = root
        self.project = root / "project"
        self.indexes = RecordedIndexes(data)
        self.hosts = recorded_hosts(data["stages"])
        self.server = self._server()

    def _server(self) -> ThreadingHTTPServer:
        key = self.root / "server.pem"
        key.write_text(self.data["certificate"])
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(str(key))
        key.unlink()
        own = {"indexes": self.indexes, "tls": tls, "hosts": self.hosts}
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("OwnHandler", (RecordedHandler,), own))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server

    def begin(self) -> None:
        """Write the files that exist before the first step."""
        self.project.mkdir()
        (self.root / ".home" / "tmp").mkdir(parents=True)
        (self.root / "ca.pem").write_text(self.data["ca"])
        self.write({**self.data["root_files"], **self.data["files"]})
        self.write_binaries(self.data["binaries"])

    def write(self, files: dict[str, str]) -> None:
        """Write files into the play's folder; an unchanged file keeps its modification time."""
        for name, text in files.items():
            path = self.root / name
            if path.is_file() and path.read_bytes() == text.encode("utf-8"):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
            if name.startswith(".home/"):  # netrc refuses a file that others may read
                path.chmod(0o600)

    def write_binaries(self, files: dict[str, Any]) -> None:
        """Write binary files into the play's folder, and set their modification times where given.

        An unchanged file of a local project keeps its modification time.
        """
        for name, (text, moment, is_kept) in files.items():
            path, data = self.root / name, base64.b64decode(text)
            if is_kept and path.is_file() and path.read_bytes() == data:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            if moment is not None:
                os.utime(str(path), (moment, moment))

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        """Return the complete environment of a command; only PATH is inherited from the user."""
        home = self.root / ".home"
        places = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "USERPROFILE": str(home),
            "TMPDIR": str(home / "tmp"),
            "TEMP": str(home / "tmp"),
            "XDG_CACHE_HOME": str(self.root / ".cache"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_DATA_HOME": str(home / ".local" / "share"),
        }
        kept = {it: os.environ[it] for it in ("SYSTEMROOT", "PATHEXT") if it in os.environ}
        told = {**self.data["environment"], **more}
        return {**kept, **places, **{name: self.filled(value) for name, value in told.items()}}

    def filled(self, text: str) -> str:
        """Replace the placeholders for paths and the proxy in a recorded text."""
        for mark, value in (
            ("/@ROOT@", str(self.root)),
            ("/@INSTALLER@", self.installer),
            ("/@PYTHON@", sys.executable),
            ("@PROXY@", f"127.0.0.1:{self.server.server_port}"),
        ):
            text = text.replace(mark, value)
        return text

    def play(self, step: dict[str, Any]) -> list[str]:
        """Play a step, print its requests, and return one line for each expectation that failed."""
        print(f"\nstep {step['number']}: {step['sentence']}", flush=True)
        time.sleep(step["wait"])
        self.indexes.stage = step["stage"]
        self.indexes.change_faults(step)
        before = len(self.indexes.requests)
        self.write(step.get("files", {}))
        self.write_binaries(step.get("binaries", {}))
        place = self.root / step.get("venv", "project/.venv")
        had = self._state(step, place)
        if step.get("removes_venv"):
            shutil.rmtree(str(place), ignore_errors=True)
        code = self._run(step, place)
        seen = self.indexes.requests[before:]
        print("".join("  {}\n".format(request["text"]) for request in seen), end="")
        nominal = sum(it["nominal"] for it in seen if it.get("download"))
        if nominal:
            print(f"  downloads: {readable_size(nominal)} with the sizes of the real files")
        problems = list(
            find_problems(step.get("expect", {}), code, seen, had, self._state(step, place))
        )
        if problems and self.hosts and not self.indexes.requests:
            raise OSError(
                "the installer reached no index: see what it said above, and run this script with "
                "another Python if it needs one"
            )
        for problem in problems:
            print(f"  NOT AS EXPECTED: {problem}")
        return problems

    def _state(self, step: dict[str, Any], place: Path) -> dict[str, Any]:
        """Return the distributions in the venv and the content of the step's lockfile."""
        lockfile = self.root / step.get("lockfile", "")
        has_lockfile = "lockfile" in step and lockfile.is_file()
        return {
            "venv": installed(place),
            "lockfile": lockfile.read_bytes() if has_lockfile else None,
        }

    def _run(self, step: dict[str, Any], folder: Path) -> int:
        if step.get("needs_venv") and not (folder / "pyvenv.cfg").exists():
            venv.create(str(folder), with_pip=False, symlinks=os.name != "nt")
        for command in step.get("commands", ()):
            self.write(command["files"])
            variables = self.environment({**step["environment"], **command["environment"]})
            if command["unless"] and self._start(command["unless"], variables).returncode == 0:
                continue
            if self._is_made(command["makes"], command["out_of"]):
                continue
            print(f"  $ {command['shown']}", flush=True)
            ended = self._start(command["words"], variables)
            for line in ended.stdout.decode("utf-8", "replace").splitlines():
                print("    {}".format("".join(it if it.isprintable() else "?" for it in line)))
            if ended.returncode and not command["may_fail"]:
                return ended.returncode
        return 0

    def _start(
        self, words: list[str], variables: dict[str, str]
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [self.filled(word) for word in words],
            cwd=str(self.project),
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def _is_made(self, name: str, out_of: list[str]) -> bool:
        """Return whether a file in the project's folder exists and is newer than its sources."""
        if not name or not (self.project / name).is_file():
            return False
        made = (self.project / name).stat().st_mtime_ns
        sources = [self.project / it for it in out_of]
        return all(made > it.stat().st_mtime_ns for it in sources if it.is_file())
