"""Play the steps of the recorded scenario."""

from __future__ import annotations

import re
import shutil
import ssl
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from pytest_indexcache.standalone.program.answers import RecordedIndexes, recorded_hosts
from pytest_indexcache.standalone.program.commands import ScriptedCommands
from pytest_indexcache.standalone.program.counting import readable_size
from pytest_indexcache.standalone.program.judging import find_problems
from pytest_indexcache.standalone.program.proxy import RecordedHandler
from pytest_indexcache.standalone.program.venvs import installed
from pytest_indexcache.standalone.program.workspace import ScriptWorkspace, venv_version


class ScriptedPlay:
    """One play of the recorded scenario, in a temporary folder and through a proxy.

    ``installers`` maps releases to executables. The installer under test has the key "".
    """

    def __init__(
        self, data: dict[str, Any], installers: dict[str, str], workspace: ScriptWorkspace
    ) -> None:
        self.data = data
        self.installers = installers
        self.workspace = workspace
        self.root = workspace.root
        self.indexes = RecordedIndexes(data)
        self.hosts = recorded_hosts(data["stages"])
        self.tls = self._tls()
        self.ports: dict[int, int] = {}
        self.has_acted = False
        self.not_judged: list[str] = []

    def _tls(self) -> ssl.SSLContext:
        key = self.root / "server.pem"
        key.write_text(self.data["certificate"])
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(str(key))
        key.unlink()
        return tls

    def _port(self, member: int) -> int:
        """Return the port of a proxy; each of several concurrent steps has its own proxy."""
        if member in self.ports:
            return self.ports[member]
        own = {"indexes": self.indexes, "tls": self.tls, "hosts": self.hosts, "member": member}
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("OwnHandler", (RecordedHandler,), own))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.ports[member] = server.server_port
        return server.server_port

    def play(self, step: dict[str, Any]) -> list[str]:
        """Play a step, print its requests, and return one line for each expectation not met."""
        print(f"\nstep {step['number']}: {step['sentence']}", flush=True)
        time.sleep(step["wait"])
        self.indexes.stage = step["stage"]
        self.indexes.change_faults(step)
        self.indexes.requests.clear()
        members = step.get("members") or [step]
        before = [self._state(member) for member in members]
        builds = self.workspace.builds()
        if step.get("removes_venv"):
            shutil.rmtree(str(self.root / step["venv"]), ignore_errors=True)
        self.workspace.write(step.get("files", {}))
        self.workspace.write_binaries(step.get("binaries", {}))
        self.workspace.edit(step)
        ended = self._run(members)
        made = {k: n - builds.get(k, 0) for k, n in self.workspace.builds().items()}
        made = {project: count for project, count in made.items() if count}
        known = {"builds": made, "requirements": self.data["requirements"]}
        after = [{**self._state(member), **known, **ended[n]} for n, member in enumerate(members)]
        self._show_requests()
        problems = self._problems(step, members, before, after)
        self.has_acted |= bool(self.indexes.requests or made) or any(
            _has_acted(step, *states)
            for states in zip(before, after)  # noqa: B905
        )
        reasons = {reason for state in after for reason in state["not_judged"]}
        for reason in sorted({*reasons, *step.get("not_judged", ())}):
            print(f"  (not judged by this script: {reason})")
            self.not_judged.append(f"{reason} (step {step['number']})")
        return problems

    def _run(self, members: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Run the commands of a step, or of several concurrent steps with one thread for each."""
        made = [self._commands(number, step) for number, step in enumerate(members)]
        ended: list[dict[str, Any]] = [{} for _ in made]

        def run(number: int) -> None:
            try:
                ended[number] = made[number].run()
            except OSError as error:
                ended[number] = {"error": error}

        threads = [
            threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(made))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for error in (outcome["error"] for outcome in ended if "error" in outcome):
            raise error
        return ended

    def _commands(self, number: int, step: dict[str, Any]) -> ScriptedCommands:
        """Prepare the interpreter and the venv for a step, and return the step's commands."""
        release = step.get("release", "")
        if release not in self.installers:
            raise OSError(f"a step needs release {release}: name it by --release {release}=PATH")
        marks = {"/@ROOT@": str(self.root), "/@INSTALLER@": self.installers[release]}
        if "commands" in step:
            python = self.workspace.python(step["python"])
            used = self.workspace.bare_python(python) if step["needs_bare_python"] else python
            marks.update({"/@PYTHON@": used, "@PROXY@": f"127.0.0.1:{self._port(number)}"})
            found = sorted(Path(marks["/@INSTALLER@"]).parent.parent.glob("[Ll]ib/**/pip"))
            marks["/@PIP@"] = str(found[0]) if found else ""
            if step["needs_venv"]:
                self.workspace.make_venv(self.root / step["venv"], python)
        return ScriptedCommands(self.workspace, step, marks)

    def _place(self, step: dict[str, Any]) -> Path:
        """Return the venv that a step uses; uv creates it in the root of a uv workspace."""
        own, of_root = self.root / step.get("venv", ".venv"), self.root / ".venv"
        is_above = own.name == ".venv" and not own.exists() and (of_root / "pyvenv.cfg").is_file()
        return of_root if is_above else own

    def _state(self, step: dict[str, Any]) -> dict[str, Any]:
        """Return the state of a step's venv and lockfiles.

        It contains the distributions, the venv's Python version, and the lockfile's bytes or None.
        """
        place = self._place(step)
        names = [self.root / name for name in step.get("lockfiles", ())]
        lockfile = next((name for name in names if name.is_file()), None)
        locks = sorted(self.root.glob(step["locks"])) if "locks" in step else [lockfile]
        return {
            "venv": installed(place),
            "lockfile": lockfile.read_bytes() if lockfile else None,
            "locks": [lock for lock in locks if lock],
            "place": place,
            "python": venv_version(place),
            "not_judged": [],
        }

    def _show_requests(self) -> None:
        seen = self.indexes.requests
        print("".join(f"  {request['text']}\n" for request in seen), end="")
        nominal = sum(request["nominal"] for request in seen if request.get("download"))
        if nominal:
            print(f"  downloads: {readable_size(nominal)} with the sizes of the real files")

    def _problems(
        self,
        step: dict[str, Any],
        members: list[dict[str, Any]],
        before: list[dict[str, Any]],
        after: list[dict[str, Any]],
    ) -> list[str]:
        """Print and return one line for each expectation that was not met.

        :raises OSError: if the failure says nothing about caching, for example if no request was
            sent
        """
        seen = self.indexes.requests
        problems = []
        for number, states in enumerate(zip(members, before, after)):  # noqa: B905
            own = [request for request in seen if request["member"] == number]
            name = f"together[{number + 1}]: " if "members" in step else ""
            problems += [f"{name}{line}" for line in find_problems(states[0], own, *states[1:])]
            if states[2]["exit"] == "usage" and problems:
                raise OSError("this release does not know its arguments: see what it said above")
        if "members" in step:
            problems += find_problems(step, seen, *_whole(before, after))
        if problems and all(request["refused"] for request in seen):
            self._demand_transport(after)
        for problem in problems:
            print(f"  NOT AS EXPECTED: {problem}")
        return problems

    def _demand_transport(self, after: list[dict[str, Any]]) -> None:
        """Raise OSError if a failed command said that it did not reach the proxy."""
        for state in after:
            said = re.search(self.data["signs"]["transport"], state["output"])
            if state["exit"] != "success" and said:
                raise OSError(f"the installer reached no index: it said {said[0]!r}")


def _has_acted(step: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Return whether a step had any effect, so that its success or failure means something."""
    is_changed = any(before[key] != after[key] for key in ("venv", "lockfile"))
    has_refused = after["exit"] != "success" and bool(after["output"].strip())
    expect = step.get("expect", {})
    return is_changed or has_refused or "output" in expect or "imports" in expect


def _whole(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Merge the states of concurrent steps.

    The venv and the lockfile are left out unless all of the steps share them.
    """
    first, last = dict(before[0]), dict(after[0])
    if len({str(state["place"]) for state in after}) > 1:
        first["venv"], last["venv"] = {}, {}
    if any(state["lockfile"] != last["lockfile"] for state in after):
        first["lockfile"], last["lockfile"] = None, None
    last["output"] = "\n".join(state["output"] for state in after)
    return first, last
