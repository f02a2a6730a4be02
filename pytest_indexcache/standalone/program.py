"""Play a recorded scenario with an installer of this machine.

A proxy on loopback repeats the answers of the indexes at their real URLs, as recorded when the
script was written; no other host can be reached. All files are written to a temporary folder, which
is removed at the end. The commands of the installer run as you: nothing contains them.

Expectations are checked against the requests, the exit codes of commands, and the venv.
Exit codes: 0 if all expectations hold, 1 if one does not, 2 if it cannot be played, 130 on Ctrl-C.
The script needs Python 3.8 or later, and no packages besides the installer.
"""

from __future__ import annotations

import argparse
import base64
import fnmatch
import json
import operator
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import venv
import zlib
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

DATA = ""
OPERATORS = {"<=": "le", ">=": "ge", "==": "eq", "!=": "ne", "<": "lt", ">": "gt"}


class RecordedIndexes:
    """The recorded answers; ``stage`` is the number of the current state of the indexes."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.stages = data["stages"]
        self.bodies = data["bodies"]
        self.stage = 0
        self.requests: list[dict[str, Any]] = []

    def find(self, url: str, accept: str) -> dict[str, Any]:
        """Return the recorded answer to a GET; percent-encoding of the URL does not matter."""
        stage = self.stages[self.stage]
        wanted = unquote(url.partition("#")[0])
        for known, forms in stage["urls"].items():
            if unquote(known) == wanted:
                return _form(forms, accept)
        for base, answer in stage["missing"].items():
            if wanted.startswith(unquote(base)):
                return dict(answer)
        return {"status": 404, "headers": [], "body": "", "kind": "other", "project": None}

    def body(self, answer: dict[str, Any]) -> bytes:
        """Return the body of an answer."""
        return base64.b64decode(self.bodies[answer["body"]]) if answer.get("body") else b""


def _form(forms: dict[str, Any], accept: str) -> dict[str, Any]:
    if "any" in forms:
        return dict(forms["any"])
    for word in ("json", "v1+html"):
        if word in accept:
            return dict(forms[word])
    return dict(forms["html"])


class RecordedHandler(BaseHTTPRequestHandler):
    """Answers requests, and accepts CONNECT tunnels to the hosts of the indexes."""

    protocol_version = "HTTP/1.1"
    indexes: RecordedIndexes
    tls: ssl.SSLContext
    hosts: list[str]
    base = ""

    def do_CONNECT(self) -> None:
        """Accept a tunnel, and answer in it as the requested host."""
        host, _, port = self.path.rpartition(":")
        if host not in self.hosts:
            self.indexes.requests.append({"text": f"CONNECT {self.path}: refused"})
            self.send_error(502, "this host is out of reach")
            return
        self.send_response_only(200)
        self.end_headers()
        self.wfile.flush()
        try:
            self.connection = self.tls.wrap_socket(self.connection, server_side=True)
        except (OSError, ssl.SSLError):
            self.close_connection = True
            return
        self.rfile = self.connection.makefile("rb", self.rbufsize)
        self.wfile = self.connection.makefile("wb", 0)
        self.base = "https://%s" % (host if port == "443" else self.path)
        self.close_connection = False

    def do_GET(self) -> None:
        """Answer a request, with a 304 or partial content if that was recorded."""
        url = self.base + self.path if self.path.startswith("/") else self.path
        answer = self.indexes.find(url, self.headers.get("Accept", ""))
        body = self.indexes.body(answer)
        status, headers, sent = self._chosen(answer, body)
        if self.command == "HEAD" and "head" in answer:
            status, headers = answer["head"]["status"], answer["head"]["headers"]
        self.indexes.requests.append(
            {
                "text": f"{self.command} {status} {answer['kind']} {url}",
                "project": answer.get("project"),
                "nominal": answer.get("nominal", 0),
                "download": self.command == "GET"
                and status == 200
                and answer["kind"] in ("wheel", "sdist"),
                "revalidated": status == 304,
                "refused": not answer.get("index"),
            }
        )
        try:
            self._send(status, headers, sent, body)
        except OSError:  # the installer closed the connection early
            self.indexes.requests[-1]["download"] = False
            self.close_connection = True

    do_HEAD = do_GET  # noqa: N815 - http.server names it

    def _chosen(self, answer: dict[str, Any], body: bytes) -> tuple[int, list[list[str]], bytes]:
        """Return status, header fields and body for the request's conditions and range."""
        own = {name.lower(): value for name, value in answer["headers"]}
        tags = self.headers.get("If-None-Match")
        since = self.headers.get("If-Modified-Since")
        if tags is not None:
            if own.get("etag", "\0") in tags and "if-none-match" in answer:
                return 304, answer["if-none-match"]["headers"], b""
        elif (
            since is not None
            and since == own.get("last-modified")
            and "if-modified-since" in answer
        ):
            return 304, answer["if-modified-since"]["headers"], b""
        part = re.match(r"bytes=(\d*)-(\d*)$", self.headers.get("Range", ""))
        if part and "range" in answer and body and self.command == "GET":
            return self._part(answer["range"]["headers"], body, part[1], part[2])
        return answer["status"], answer["headers"], body

    @staticmethod
    def _part(
        headers: list[list[str]], body: bytes, first: str, last: str
    ) -> tuple[int, list[list[str]], bytes]:
        start = int(first) if first else max(len(body) - int(last or 0), 0)
        stop = min(int(last) + 1, len(body)) if first and last else len(body)
        if start >= len(body):
            return 416, [["Content-Range", f"bytes */{len(body)}"]], b""
        rest = [pair for pair in headers if pair[0].lower() != "content-range"]
        place = ["Content-Range", f"bytes {start}-{stop - 1}/{len(body)}"]
        return 206, [*rest, place], body[start:stop]

    def _send(self, status: int, headers: list[list[str]], sent: bytes, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Date", formatdate(usegmt=True))
        for name, value in headers:
            is_age = name.lower() == "expires" and value.startswith("+")
            moment = time.time() + float(value[1:]) if is_age else 0
            self.send_header(name, formatdate(moment, usegmt=True) if is_age else value)
        if status != 304:
            length = len(body) if self.command == "HEAD" else len(sent)
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent)

    def log_message(self, *_: object) -> None:
        """Suppress the log of the base class: requests are printed per step."""


class ScriptedPlay:
    """A play of the recorded scenario, with its folder and its proxy."""

    def __init__(self, data: dict[str, Any], installer: str, root: Path) -> None:
        self.data = data
        self.installer = installer
        self.root = root
        self.project = root / "project"
        self.venv = self.project / ".venv"
        self.indexes = RecordedIndexes(data)
        self.server = self._server()

    def _server(self) -> ThreadingHTTPServer:
        key = self.root / "server.pem"
        key.write_text(self.data["certificate"])
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(str(key))
        key.unlink()
        urls = [url for stage in self.data["stages"] for url in (*stage["urls"], *stage["missing"])]
        hosts = sorted({urlsplit(url).hostname or "" for url in urls})
        own = {"indexes": self.indexes, "tls": tls, "hosts": hosts}
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

    def write(self, files: dict[str, str]) -> None:
        """Write files into the folder of the play."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

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
        """Replace the marks for paths and for the proxy in a recorded text."""
        for mark, value in (
            ("/@ROOT@", str(self.root)),
            ("/@INSTALLER@", self.installer),
            ("/@PYTHON@", sys.executable),
            ("@PROXY@", f"127.0.0.1:{self.server.server_port}"),
        ):
            text = text.replace(mark, value)
        return text

    def play(self, step: dict[str, Any]) -> list[str]:
        """Play a step, print its requests, and return the expectations that failed."""
        print(f"\nstep {step['number']}: {step['sentence']}", flush=True)
        time.sleep(step["wait"])
        self.indexes.stage = step["stage"]
        before = len(self.indexes.requests)
        self.write(step.get("files", {}))
        if step.get("removes_venv"):
            shutil.rmtree(str(self.venv), ignore_errors=True)
        code = self._run(step)
        seen = self.indexes.requests[before:]
        print("".join("  {}\n".format(request["text"]) for request in seen), end="")
        problems = list(self._problems(step.get("expect", {}), code, seen))
        if problems and not self.indexes.requests:
            raise OSError("the installer reached no index")
        for problem in problems:
            print(f"  NOT AS EXPECTED: {problem}")
        return problems

    def _run(self, step: dict[str, Any]) -> int:
        if step.get("venv") and not (self.venv / "pyvenv.cfg").exists():
            venv.create(str(self.venv), with_pip=False, symlinks=os.name != "nt")
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
        """Return whether a file exists and is newer than its sources."""
        if not name or not (self.project / name).is_file():
            return False
        made = (self.project / name).stat().st_mtime_ns
        sources = [self.project / it for it in out_of]
        return all(made > it.stat().st_mtime_ns for it in sources if it.is_file())

    def _problems(
        self, expect: dict[str, Any], code: int, seen: list[dict[str, Any]]
    ) -> Iterator[str]:
        wanted = expect.get("exit", "any")
        if wanted not in ("any", code) and (wanted == "success") != (code == 0):
            yield f"exit {code}, expected {wanted}"
        for key, mark in (("downloads", "download"), ("revalidated", "revalidated")):
            if key in expect:
                names = [it["project"] or "" for it in seen if it.get(mark)]
                yield from _count_problems(key, expect[key], names)
        nominal = sum(it["nominal"] for it in seen if it.get("download"))
        if nominal:
            print("  downloads: %.1f MiB for the real files" % (nominal / (1 << 20)))
        found = self._installed() if expect.get("installed") else {}
        for project, version in expect.get("installed", {}).items():
            if found.get(_normal(project)) != version:
                was = found.get(_normal(project))
                yield f"installed.{project}: expected {version}, seen {was}"

    def _installed(self) -> dict[str, str]:
        """Return the versions of the distributions in the venv, by project."""
        found = {}
        for folder in self.venv.glob("**/site-packages/*.dist-info"):
            name, _, version = folder.name[: -len(".dist-info")].rpartition("-")
            found[_normal(name)] = version
        return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _count_problems(key: str, expected: Any, names: list[str]) -> Iterator[str]:
    if not isinstance(expected, dict):
        if not _holds(expected, len(names)):
            yield f"{key}: expected {expected}, seen {len(names)}"
        return
    for pattern in expected:
        count = sum(fnmatch.fnmatchcase(name, pattern) for name in names)
        if not _holds(expected[pattern], count):
            yield f"{key}.{pattern}: expected {expected[pattern]}, seen {count}"
    for name in sorted(set(names)):
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in expected):
            yield f"{key}.{name}: expected 0, seen {names.count(name)}"


def _holds(expected: Any, count: int) -> bool:
    if isinstance(expected, int):
        return count == expected
    found = re.match(r"(<=|>=|==|!=|<|>)\s*(\d+)$", str(expected))
    return found is None or bool(getattr(operator, OPERATORS[found[1]])(count, int(found[2])))


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
