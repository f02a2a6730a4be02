"""The client of a probe: the requests that it sends, those that it refuses, and its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from pytest_indexcache.errors import ProbeError
from pytest_indexcache.messages import Headers, Request
from pytest_indexcache.probes.battery.client import Bounds, ProbeClient

INDEX = "http://user:p%40ss@192.0.2.7/simple"


def reply(status: int, body: bytes = b"") -> httpx.Response:
    """Return a response whose body has not been read."""
    return httpx.Response(status, stream=httpx.ByteStream(body))


class Clock:
    """A clock that only ``sleep`` advances."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.slept.append(round(seconds, 3))
        self.now += seconds


@contextmanager
def client(
    answer: Callable[[httpx.Request], httpx.Response],
    bounds: Bounds | None = None,
    index: str = INDEX,
    clock: Clock | None = None,
) -> Iterator[ProbeClient]:
    """Return a client whose requests are answered by a function."""
    clock = clock or Clock()
    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        bounds = bounds or Bounds()
        yield ProbeClient(index, http, bounds, monotonic=lambda: clock.now, sleep=clock.sleep)


def test_credentials_go_to_the_origin_of_the_index_alone() -> None:
    """Credentials are sent to the index only, not to another port or host."""
    seen: dict[str, str | None] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        seen[str(request.url)] = request.headers.get("authorization")
        return reply(200)

    with client(answer) as asked:
        for url in (f"{INDEX}/six/", "http://192.0.2.7:8080/six/", "http://192.0.2.8/six.whl"):
            asked.ask(Request("GET", url))
    assert seen == {
        "http://192.0.2.7/simple/six/": "Basic dXNlcjpwQHNz",
        "http://192.0.2.7:8080/six/": None,
        "http://192.0.2.8/six.whl": None,
    }


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", "http://192.0.2.7/simple/"),
        ("DELETE", "http://192.0.2.7/simple/"),
        ("GET", "file:///etc/passwd"),
        ("GET", "http:///no-host"),
        ("GET", "http://[broken/"),
        ("GET", "http://192.0.2.7:port/"),
    ],
)
def test_other_requests_are_not_sent(method: str, url: str) -> None:
    """A request that may change the index, or is not http, is refused before it is sent."""
    with client(lambda _: reply(200)) as asked:
        assert asked.ask(Request(method, url)) is None
    assert asked.requests == 0
    assert len(asked.problems) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]"])
def test_public_index_leads_to_no_private_address(host: str) -> None:
    """A page of a public index cannot make the probe send requests to a private network."""
    with client(lambda _: reply(200), index="https://8.8.8.8/simple") as asked:
        assert asked.ask(Request("GET", "https://8.8.8.8/simple/")) is not None
        assert asked.ask(Request("GET", f"http://{host}/latest/")) is None
    assert "private address" in asked.problems[0]


def test_rate_is_kept() -> None:
    """The client does not send requests faster than its rate permits."""
    clock = Clock()
    with client(lambda _: reply(200), Bounds(rate=2), clock=clock) as asked:
        for _ in range(3):
            asked.ask(Request("GET", f"{INDEX}/"))
    assert clock.slept == [0.5, 0.5]


def test_bounds_end_the_asking() -> None:
    """Beyond its limits, the client sends no request, and counts the unsent requests."""
    with client(lambda _: reply(200), Bounds(requests=2)) as asked:
        answers = [asked.ask(Request("GET", f"{INDEX}/")) for _ in range(4)]
    assert [answer is None for answer in answers] == [False, False, True, True]
    assert asked.skipped == 2


def test_large_body_is_cut() -> None:
    """A body above the limit is cut, and the answer is marked as incomplete."""
    body = b"x" * 300_000
    with client(lambda _: reply(200, body), Bounds(body_bytes=1000)) as asked:
        answer = asked.ask(Request("GET", f"{INDEX}/six/"))
    assert answer is not None
    assert not answer.is_whole
    assert len(answer.body) < len(body)


def test_server_that_says_429_is_left_alone() -> None:
    """A 429 ends the probe with an error that names the option for a lower rate."""
    with (
        client(lambda _: reply(429)) as asked,
        pytest.raises(ProbeError, match="429") as raised,
    ):
        asked.ask(Request("GET", f"{INDEX}/"))
    assert "--rate" in raised.value.hint
    assert "p%40ss" not in str(raised.value)


def test_first_request_without_an_answer_is_an_error() -> None:
    """An unreachable index is an error without the password; later failures are recorded."""

    def refuse(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/simple/":
            return reply(200)
        raise httpx.ConnectError("refused", request=request)

    with client(refuse) as asked:
        with pytest.raises(ProbeError, match="refused") as raised:
            asked.ask(Request("GET", f"{INDEX}/six/"))
        assert "p%40ss" not in str(raised.value)
        assert asked.ask(Request("GET", f"{INDEX}/six/")) is None
    assert len(asked.problems) == 1


def test_headers_of_the_request_are_sent_as_they_are() -> None:
    """A request without an Accept field is sent without one."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert "accept" not in request.headers
        assert request.headers["range"] == "bytes=-10"
        return reply(200)

    with client(answer) as asked:
        assert asked.ask(Request("GET", f"{INDEX}/", Headers.of({"Range": "bytes=-10"})))
