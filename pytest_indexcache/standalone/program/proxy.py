"""A proxy on loopback that responds to requests in place of the indexes."""

from __future__ import annotations

import io
import re
import socket
import ssl
import struct
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import Any

from pytest_indexcache.standalone.program.answers import UNCONDITIONAL_FAULTS, RecordedIndexes


class RecordedHandler(BaseHTTPRequestHandler):
    """Responds to requests as recorded, either directly or in a CONNECT tunnel."""

    protocol_version = "HTTP/1.1"
    indexes: RecordedIndexes
    tls: ssl.SSLContext
    hosts: list[str]
    member = 0
    request: dict[str, Any]
    base = ""
    host = ""

    def do_CONNECT(self) -> None:
        """Accept a tunnel to an index's host, and refuse tunnels to all other hosts."""
        host, _, port = self.path.rpartition(":")
        if host not in self.hosts or not self.indexes.is_reachable(host):
            text = f"CONNECT {self.path}: refused"
            own = {"text": text, "refused": True, "failed": True, "nominal": 0}
            self.indexes.requests.append({**own, "member": self.member})
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
        self.host = host
        self.close_connection = False

    def do_GET(self) -> None:
        """Respond to a request as recorded: with the whole body, a part of it, a 304 or a fault."""
        if self.host and not self.indexes.is_reachable(self.host):
            self._leave()
            return
        url = self.base + self.path if self.path.startswith("/") else self.path
        accept = self.headers.get("Accept", "")
        place = self.indexes.recorded_url(url)
        answer = self.indexes.find(place, accept, self.headers.get("Authorization", ""))
        unspoiled = answer["status"]
        if unspoiled == 200 and self._is_not_modified(answer):
            unspoiled = 304
        has_range = "Range" in self.headers
        fault = self.indexes.take_fault(self.command, place, accept, unspoiled, has_range)
        self._record(url, answer, fault)
        try:
            self._answer(answer, fault)
        except OSError:  # the installer closed the connection early
            self.request.update(download=False, failed=self.command != "HEAD")
            self.close_connection = True

    do_HEAD = do_GET  # noqa: N815 - http.server names it

    def _answer(self, answer: dict[str, Any], fault: dict[str, Any] | None) -> None:
        how = fault["how"] if fault else ""
        if fault and how == "slow" and not fault["pauses"]:
            time.sleep(fault["seconds"])
        if fault and how in ("reset", "close"):
            self._seen(0, how, is_whole=False)
            self._leave(is_reset=how == "reset")
            return
        used = fault["answer"] if fault else answer
        body = self.indexes.body(used)
        if how in UNCONDITIONAL_FAULTS:
            status, headers, sent = used["status"], used["headers"], body
        else:
            status, headers, sent = self._chosen(used, body, how)
        head = used.get("head") if self.command == "HEAD" else None
        if head and (status != 304 or head["status"] != 200):
            status, headers = head["status"], head["headers"]
        stop = max(0, min(fault["after"], len(sent) - 1)) if fault and how == "cut" else None
        self._seen(status, how, is_whole=stop is None)
        has_body = self.command != "HEAD" and status != 304
        self.request["sent"] = len(sent[:stop]) if has_body else 0
        pause = fault if fault and how == "slow" and fault["pauses"] else None
        self._send(status, headers, (sent, body), stop, pause)

    def _record(self, url: str, answer: dict[str, Any], fault: dict[str, Any] | None) -> None:
        used = fault["answer"] if fault and fault["how"] == "stale" else answer
        self.request = {
            "text": url,
            "kind": answer["kind"],
            "project": answer.get("project"),
            "file": answer.get("file") or "",
            "nominal": used.get("nominal", 0),
            "refused": not answer.get("index"),
            "index": answer.get("index"),
            "method": self.command,
            "fields": {name.lower(): value for name, value in self.headers.items()},
            "member": self.member,
        }
        self.indexes.requests.append(self.request)

    def _seen(self, status: int, how: str, is_whole: bool) -> None:
        """Add the status, the fault and the outcome to the record of the current request."""
        request = self.request
        request["status"] = status
        remark = f" ({how})" if how else ""
        request["text"] = f"{self.command} {status or '-'} {request['kind']} {request['text']}"
        request["text"] += remark
        is_file = request["kind"] in ("wheel", "sdist")
        request["download"] = self.command == "GET" and status == 200 and is_file and is_whole
        request["revalidated"] = status == 304
        is_cut = self.command != "HEAD" and not is_whole
        request["failed"] = not status or status >= 400 or is_cut

    def _is_not_modified(self, answer: dict[str, Any]) -> bool:
        return self._validator(answer) is not None

    def _validator(self, answer: dict[str, Any]) -> str | None:
        """Return the name of the conditional header field that leads to a 304, or None."""
        own = {name.lower(): value for name, value in answer["headers"]}
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            is_met = own.get("etag", "\0") in tags and "if-none-match" in answer
            return "if-none-match" if is_met else None
        since = self.headers.get("If-Modified-Since")
        is_met = since is not None and since == own.get("last-modified")
        return "if-modified-since" if is_met and "if-modified-since" in answer else None

    def _chosen(self, answer: dict[str, Any], body: bytes, how: str) -> Any:
        """Return the status, header fields and body with which a request is answered.

        The response is a 304, a part of the recorded body, or the whole recorded response.
        """
        validator = self._validator(answer)
        if validator is not None:
            return 304, answer[validator]["headers"], b""
        part = re.match(r"bytes=(\d*)-(\d*)$", self.headers.get("Range", ""))
        has_part = part and answer.get("range") and body and self.command == "GET"
        if part and has_part and how != "ignore-range":
            return self._part(answer["range"]["headers"], body, (part[1], part[2]), how)
        return answer["status"], answer["headers"], body

    @staticmethod
    def _part(headers: list[list[str]], body: bytes, asked: Any, how: str) -> Any:
        first, last = asked
        start = int(first) if first else max(len(body) - int(last or 0), 0)
        stop = min(int(last) + 1, len(body)) if first and last else len(body)
        if start >= len(body):
            return 416, [["Content-Range", f"bytes */{len(body)}"]], b""
        if how == "first-range":
            start, stop = 0, stop - start
        elif how == "long-range":
            stop = len(body)
        rest = [pair for pair in headers if pair[0].lower() != "content-range"]
        said = start + 1 if how == "wrong-range" else start
        place = f"bytes {said}-{said + stop - start - 1}/{len(body)}"
        return 206, [*rest, ["Content-Range", place]], body[start:stop]

    def _send(
        self, status: int, headers: list[list[str]], bodies: Any, stop: Any, pause: Any
    ) -> None:
        sent, body = bodies
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() == "location":
                value = self.indexes.signed(value)  # noqa: PLW2901
            is_age = name.lower() in ("date", "expires") and value.startswith("+")
            moment = time.time() + float(value[1:]) if is_age else 0
            self.send_header(name, formatdate(moment, usegmt=True) if is_age else value)
        if status != 304:
            length = len(body) if self.command == "HEAD" else len(sent)
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD" or status == 304:
            return
        if pause:
            self.wfile.write(sent[: pause["after"]])
            time.sleep(pause["seconds"])
            sent = sent[pause["after"] :]
        self.wfile.write(sent if stop is None else sent[:stop])
        if stop is not None:
            self._leave()

    def _leave(self, is_reset: bool = False) -> None:
        """Close the connection early, either normally or with a TCP reset."""
        self.close_connection = True
        if is_reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.rfile.close()
            self.wfile.close()
            self.connection.close()
            self.rfile, self.wfile = io.BytesIO(), io.BytesIO()  # the base class flushes them
            return
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Print nothing, because the play prints the requests after each step."""
