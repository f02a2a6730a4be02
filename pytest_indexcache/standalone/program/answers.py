"""Look up the recorded response to a request, and the fault that applies to the request."""

from __future__ import annotations

import base64
import threading
import uuid
from typing import Any
from urllib.parse import unquote, urlsplit

SIGNATURE = "?signature="
UNKNOWN = "no-such-project"
RANGE_FAULTS = ("ignore-range", "first-range", "long-range", "wrong-range")
UNCONDITIONAL_FAULTS = ("status", "reset", "close", "not-modified")


class RecordedIndexes:
    """The responses recorded from all indexes, and the faults in effect.

    ``stages`` contains one recording for each state of the indexes, and ``stage`` is the number of
    the current one. Each change to an index begins a new stage.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.stages = data["stages"]
        self.bodies = data["bodies"]
        self.stage = 0
        self.faults: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.signatures: set[str] = set()
        self.lock = threading.Lock()

    def find(self, url: str, accept: str, authorization: str = "") -> dict[str, Any]:
        """Return the recorded response to a GET; percent-encoding in the URL does not matter."""
        stage = self.stages[self.stage]
        answer = _found(stage["urls"], stage["missing"], url, accept)
        if answer is None:
            return {"status": 404, "headers": [], "body": "", "kind": "other", "project": None}
        users = stage.get("users", {}).get(answer.get("index"), {})
        if "anonymous" in answer and not _is_user(authorization, users):
            return {**answer, **answer["stranger" if authorization else "anonymous"], "part": None}
        return answer

    def signed(self, url: str) -> str:
        """Return the target of a redirect, with a new signature if the index signs file URLs."""
        place, found, _ = url.partition(SIGNATURE)
        if not found or place + found not in self.stages[self.stage]["urls"]:
            return url
        signature = uuid.uuid4().hex
        self.signatures.add(signature)
        return place + found + signature

    def recorded_url(self, url: str) -> str:
        """Return the URL under which the response to a request was recorded.

        For a URL with an invalid signature, this is the URL without the signature, for which a
        refusal was recorded.
        """
        place, found, signature = url.partition(SIGNATURE)
        if not found or place + found not in self.stages[self.stage]["urls"]:
            return url
        return place + found if signature in self.signatures else place

    def is_reachable(self, host: str) -> bool:
        """Return whether a host accepts connections, which is false while its index is down."""
        return host not in self.stages[self.stage].get("unreachable", ())

    def change_faults(self, step: dict[str, Any]) -> None:
        """Add the faults that a step defines, or remove the faults of the index that it repairs."""
        mended = step.get("mends")
        self.faults = [fault for fault in self.faults if fault["index"] != mended]
        self.faults += [dict(fault) for fault in step.get("faults", ())]

    def take_fault(
        self, method: str, url: str, accept: str, status: int, has_range: bool
    ) -> dict[str, Any] | None:
        """Return the fault that applies to a request, or None, and count one use of the fault.

        ``status`` is the status that the response would have without the fault and without a Range
        field.
        """
        with self.lock:
            return self._taken(method, url, accept, status, has_range)

    def _taken(
        self, method: str, url: str, accept: str, status: int, has_range: bool
    ) -> dict[str, Any] | None:
        for fault in self.faults:
            answer = _found(fault["urls"], fault["missing"], url, accept)
            if answer is None or fault["method"] not in (None, method):
                continue
            if not _befalls(fault, method, status, has_range):
                continue
            if fault["left"] is not None:
                fault["left"] -= 1
                if not fault["left"]:
                    self.faults.remove(fault)
            return {**fault, "answer": answer}
        return None

    def body(self, answer: dict[str, Any]) -> bytes:
        """Return the body of a response, or empty bytes if no body was recorded."""
        return base64.b64decode(self.bodies[answer["body"]]) if answer.get("body") else b""


def _found(
    urls: dict[str, Any], missing: dict[str, Any], url: str, accept: str
) -> dict[str, Any] | None:
    wanted = unquote(url.partition("#")[0])
    for known, forms in urls.items():
        if unquote(known) == wanted:
            return _form(forms, accept)
    for base, answer in missing.items():
        if wanted.startswith(unquote(base)):
            return _of_project(answer, wanted[len(unquote(base)) :].partition("/")[0])
    return None


def _of_project(answer: dict[str, Any], project: str) -> dict[str, Any]:
    """Return the response for an unknown project, with its name inserted in the header fields."""
    headers = [[name, value.replace(UNKNOWN, project)] for name, value in answer["headers"]]
    return {**answer, "headers": headers}


def _form(forms: dict[str, Any], accept: str) -> dict[str, Any]:
    if "any" in forms:
        return dict(forms["any"])
    for word in ("json", "v1+html"):
        if word in accept:
            return dict(forms[word])
    return dict(forms["html"])


def _is_user(authorization: str, users: dict[str, str]) -> bool:
    scheme, _, credentials = authorization.partition(" ")
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:
        return False
    name, _, password = text.partition(":")
    return scheme.lower() == "basic" and users.get(name) == password


def _befalls(fault: dict[str, Any], method: str, status: int, has_range: bool) -> bool:
    """Return whether a fault whose URL matches a request also applies to this kind of request.

    This depends on the method, the status without the fault, and the presence of a Range field.
    """
    how = fault["how"]
    if how in ("status", "reset", "close", "stale") or (how == "slow" and not fault["pauses"]):
        return True
    if how == "not-modified":
        return status in (200, 304)
    if status != 200 or method != "GET":
        return False
    return has_range if how in RANGE_FAULTS else True


def recorded_hosts(stages: list[dict[str, Any]]) -> list[str]:
    """Return the hosts of all recorded URLs."""
    urls = [url for stage in stages for url in (*stage["urls"], *stage["missing"])]
    return sorted({urlsplit(url).hostname or "" for url in urls} - {""})
