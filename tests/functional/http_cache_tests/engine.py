"""Runs a test of the suite through a client, with the checks of the suite's own engine."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import httpx

Config = dict[str, Any]

_PAUSE_SECONDS = 3.0
_NO_BODY = {204, 304}
_DATE_FIELDS = {"date", "expires", "last-modified", "if-modified-since", "if-unmodified-since"}
_LOCATION_FIELDS = {"location", "content-location"}
# what a browser does not show to the suite's engine, and what differs for no interesting reason
_NOT_COMPARED = {"set-cookie", "set-cookie2", "date"}
_INTEGER = re.compile(r"\s*[+-]?\d+")


class CheckFailedError(Exception):
    """A check of the suite failed."""


class SetupFailedError(CheckFailedError):
    """A check in the preparation of a test failed."""


@dataclass(frozen=True, slots=True)
class Played:
    """The result of a test: passed, or the reason; ``is_setup`` if its preparation failed."""

    held: bool
    reason: str = ""
    is_setup: bool = False


@dataclass(slots=True)
class _Run:
    test: Config
    token: str = field(default_factory=lambda: str(uuid.uuid4()))
    responses: list[httpx.Response] = field(default_factory=list)

    @property
    def requests(self) -> list[Config]:
        requests: list[Config] = self.test["requests"]
        return requests


def play(test: Config, base: str, client: httpx.Client, control: httpx.Client) -> Played:
    """Run a test: ``client`` uses the cache, ``control`` sends requests to the server directly."""
    run = _Run(test)
    configs = [{**config, "name": test["name"], "id": test["id"]} for config in run.requests]
    try:
        control.put(f"{base}/config/{run.token}", json=configs).raise_for_status()
        for number, config in enumerate(run.requests, start=1):
            run.responses.append(_send(run, number, config, base, client))
            _check_response(run, number, config)
            if config.get("pause_after"):
                time.sleep(_PAUSE_SECONDS)
        state = control.get(f"{base}/state/{run.token}")
        _check_requests(run, state.json() if state.status_code == 200 else [])
    except SetupFailedError as failure:
        return Played(held=False, reason=str(failure), is_setup=True)
    except CheckFailedError as failure:
        return Played(held=False, reason=str(failure))
    except httpx.HTTPError as failure:
        return Played(held=False, reason=f"{type(failure).__name__}: {failure}")
    return Played(held=True)


def _send(
    run: _Run, number: int, config: Config, base: str, client: httpx.Client
) -> httpx.Response:
    url = f"{base}/test/{run.token}"
    url += f"/{config['filename']}" if "filename" in config else ""
    url += f"?{config['query_arg']}" if "query_arg" in config else ""
    headers = [(name, _fetch_value(value)) for name, value in config.get("request_headers", [])]
    if config.get("magic_ims"):
        previous = run.responses[-1]
        headers = [(name, str(_fixed(name, value, previous, config))) for name, value in headers]
    names = {name.lower() for name, _ in headers}
    # fetch, in its cache mode "no-cache", asks caches to revalidate by this field
    if config.get("cache") == "no-cache" and "cache-control" not in names:
        headers.append(("Cache-Control", "max-age=0"))
    headers += [("Test-Name", run.test["name"].strip()), ("Test-ID", run.test["id"])]
    headers.append(("Req-Num", str(number)))
    encoded = [(name, value.encode("utf-8", "replace")) for name, value in headers]
    return client.request(
        config.get("request_method", "GET"), url,
        headers=[(name.encode(), value) for name, value in encoded],
        content=config.get("request_body"),
    )  # fmt: skip


def _fetch_value(value: object) -> str:
    return str(value).strip() if isinstance(value, str) else str(value)


def _fixed(name: str, value: object, response: httpx.Response, config: Config) -> object:
    """Return a header value with the dates and URLs of the running server filled in."""
    if name.lower() in _DATE_FIELDS and isinstance(value, int):
        server_now = int(response.headers["server-now"]) / 1000
        return formatdate(int(server_now + value), usegmt=True)
    if name.lower() in _LOCATION_FIELDS and config.get("magic_locations"):
        place = response.headers["server-base-url"]
        return f"{place}/{value}" if value else place
    return value


def _check(config: Config, member: str | None, condition: bool, text: str) -> None:
    """Raise an error unless a condition holds; ``member`` is the tested key, None for setup."""
    if condition:
        return
    is_setup = member is None or config.get("setup") is True
    if is_setup or member in config.get("setup_tests", ()):
        raise SetupFailedError(text)
    raise CheckFailedError(text)


def _integer(text: str | None) -> int | None:
    match = _INTEGER.match(text or "")
    return int(match.group()) if match else None


def _check_response(run: _Run, number: int, config: Config) -> None:
    response = run.responses[-1]
    seen = (response.headers.get("Request-Numbers") or "").split()
    _check(config, None, len(seen) == len(set(seen)), "retry")
    served = _integer(response.headers.get("Server-Request-Count"))
    expected = config.get("expected_type")
    if expected == "cached" and not (response.status_code == 304 and served is None):
        cached = served is not None and served < number
        _check(config, "expected_type", cached, f"response {number} does not come from cache")
    if expected == "not_cached":
        _check(config, "expected_type", served == number, f"response {number} comes from cache")
    _check_status(number, config, response)
    _check_present(number, config, response)
    _check_missing(number, config, response)
    _check_body(run, number, config, response)


def _check_status(number: int, config: Config, response: httpx.Response) -> None:
    status = response.status_code
    if "expected_status" in config:
        wanted = config["expected_status"]
        text = f"response {number} has status {status}, not {wanted}"
        _check(config, "expected_status", wanted is None or status == wanted, text)
    elif "response_status" in config:
        wanted = config["response_status"][0]
        _check(config, None, status == wanted, f"response {number} has {status}, not {wanted}")
    else:
        # the server answers 999 where it should have got a conditional request
        text = f"request {number} should have been conditional, but it was not"
        _check(config, "expected_type", status != 999, text)
        _check(config, None, status == 200, f"response {number} has status {status}, not 200")


def _check_present(number: int, config: Config, response: httpx.Response) -> None:
    member = "expected_response_headers"
    for header in config.get(member, ()):
        name = header if isinstance(header, str) else header[0]
        value = response.headers.get(name)
        if isinstance(header, str) or len(header) > 2:
            _check(config, member, value is not None, f"response {number} has no {name}")
        if isinstance(header, str):
            continue
        if len(header) > 2 and header[1] == ">":
            held = (_integer(value) or 0) > header[2]
        elif len(header) > 2:
            held = value == response.headers.get(header[2])
        else:
            held = value == _fixed(name, header[1], response, config)
        _check(config, member, held, f"response {number} has {name}: {value!r}, not {header[1:]}")


def _check_missing(number: int, config: Config, response: httpx.Response) -> None:
    member = "expected_response_headers_missing"
    for header in config.get(member, ()):
        name, unwanted = (header, "") if isinstance(header, str) else header
        value = response.headers.get(name)
        # the suite's own engine looks for a pair's value in the wrong place, and finds it nowhere
        held = value is None or (bool(unwanted) and unwanted not in value)
        _check(config, member, held, f"response {number} has the unexpected {name}: {value!r}")


def _check_body(run: _Run, number: int, config: Config, response: httpx.Response) -> None:
    if config.get("check_body") is False:
        return
    member: str | None = None
    if "expected_response_text" in config:
        member, wanted = "expected_response_text", config["expected_response_text"]
    elif config.get("response_body") is not None:
        wanted = config["response_body"]
    elif response.status_code in _NO_BODY or config.get("request_method") == "HEAD":
        return
    else:
        wanted = run.token
    text = f"the body of response {number} is {response.text!r}, not {wanted!r}"
    _check(config, member, wanted is None or response.text == wanted, text)


def _check_requests(run: _Run, state: list[Config]) -> None:
    """Compare the requests that the server received with the expected ones."""
    seen = iter(state)
    for number, config in enumerate(run.requests, start=1):
        kind = config.get("expected_type")
        if kind == "cached":
            continue
        request = next(seen, None)
        if request is None:
            _check(config, "expected_type", kind is None, f"request {number} was not sent")
            needs = {"expected_request_headers", "expected_method"} & config.keys()
            _check(config, None, not needs, f"request {number} was not sent")
            continue
        if kind == "not_cached":
            own = request["request_num"] == number
            _check(config, "expected_type", own, f"response {number} comes from cache")
        _check_request(number, config, request)
        _check_forwarded(number, config, request, run.responses[number - 1])


def _check_request(number: int, config: Config, request: Config) -> None:
    headers = request["request_headers"]
    validators = {"etag_validated": "if-none-match", "lm_validated": "if-modified-since"}
    name = validators.get(config.get("expected_type", ""))
    if name is not None:
        _check(config, "expected_type", name in headers, f"request {number} has no {name}")
    for header in config.get("expected_request_headers", ()):
        name, wanted = (header, None) if isinstance(header, str) else header
        value = headers.get(name.lower())
        held = value is not None and wanted in (None, value)
        text = f"request {number} has {name}: {value!r}, not {wanted!r}"
        _check(config, "expected_request_headers", held, text)
    for header in config.get("expected_request_headers_missing", ()):
        name, unwanted = (header, None) if isinstance(header, str) else header
        value = headers.get(name.lower())
        held = value is None if unwanted is None else value != unwanted
        text = f"request {number} has {name}: {value!r}"
        _check(config, "expected_request_headers_missing", held, text)
    if "expected_method" in config:
        method = request["request_method"]
        held = method == config["expected_method"]
        _check(config, "expected_method", held, f"request {number} was made with {method}")


def _check_forwarded(
    number: int, config: Config, request: Config, response: httpx.Response
) -> None:
    for name, sent in request.get("response_headers", ()):
        if name.lower() in _NOT_COMPARED:
            continue
        wanted = ", ".join(sent) if isinstance(sent, list) else str(sent)
        value = response.headers.get(name)
        text = f"response {number} has {name}: {value!r}, not {wanted!r}"
        _check(config, None, value == wanted, text)
