"""An index on loopback with a few made-up installers."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pytest_indexcache.index.documents.sdists import SdistSpec, build_sdist

STARTS = "import sys; print('{name} {version} (loopback)')"


def _wheel(name: str, version: str, code: str, requires: str = "") -> bytes:
    """Make a wheel with a console script that runs this code."""
    information = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"def main():\n    {code.format(name=name, version=version)}\n",
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{information}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{information}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    record = "".join(f"{path},,\n" for path in files) + f"{information}/RECORD,,\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in {**files, f"{information}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


@dataclass
class LoopbackIndex:
    """An index of a few files; while ``flowing`` is not set, downloads are paused."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    flowing: threading.Event = field(default_factory=threading.Event)

    def publish(
        self,
        name: str,
        version: str,
        code: str = STARTS,
        *,
        requires: str = "",
        uploaded: str = "2024-03-01T00:00:00Z",
        attributes: str = "",
    ) -> None:
        """Publish a wheel with a console script that runs ``code``."""
        filename = f"{name}-{version}-py3-none-any.whl"
        self.files[filename] = _wheel(name, version, code, requires)
        self.attributes[filename] = f'data-upload-time="{uploaded}" {attributes}'

    def publish_sdist(self, name: str, version: str, *, uploaded: str) -> None:
        """Publish a release from which a wheel must be built first."""
        sdist = build_sdist(SdistSpec(name, version))
        data = b"".join(sdist.content.chunks(0, sdist.content.length))
        self.files[sdist.filename] = data
        self.attributes[sdist.filename] = f'data-upload-time="{uploaded}"'

    def page(self, project: str) -> str | None:
        """Return the simple page of a project."""
        links = [
            f'<a href="/files/{name}#sha256={hashlib.sha256(content).hexdigest()}" '
            f"{self.attributes[name]}>{name}</a>"
            for name, content in self.files.items()
            if name.startswith(f"{project}-")
        ]
        return "<!DOCTYPE html><html><body>" + "".join(links) + "</body></html>" if links else None


class Handler(BaseHTTPRequestHandler):
    """Sends the pages and wheels of an index, and records the requests."""

    protocol_version = "HTTP/1.1"
    index: LoopbackIndex

    def do_GET(self) -> None:
        """Send a page or a wheel."""
        self.index.requests.append(self.path)
        kind, name = self.path.strip("/").split("/")[:2]
        if kind == "files":
            self.index.flowing.wait(30)
            self._send(self.index.files.get(name), "application/octet-stream")
        else:
            page = self.index.page(name)
            self._send(None if page is None else page.encode(), "text/html")

    def _send(self, body: bytes | None, content_type: str) -> None:
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body or b"")

    do_HEAD = do_GET  # noqa: N815 - http.server wants this name

    def log_message(self, *_: object) -> None:
        """Do not log requests."""


class Server(ThreadingHTTPServer):
    """A server that prints no log."""

    def handle_error(self, *_: object) -> None:
        """Ignore the broken connections of installers that were killed."""
