"""``indexcache probe``: send requests to a real index, and assess its responses."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO
from urllib.parse import urlsplit

from pytest_indexcache.cli.terminal.outputs import STDOUT, demand_outputs, write_output
from pytest_indexcache.cli.terminal.parsers import add_command
from pytest_indexcache.errors import CommandError
from pytest_indexcache.printable import printable

if TYPE_CHECKING:
    from pytest_indexcache.cli.terminal.parsers import Commands
    from pytest_indexcache.probes.battery.client import ProbeClient
    from pytest_indexcache.probes.probing import Probe
    from pytest_indexcache.probes.profiles.comparison import ProfileChange
    from pytest_indexcache.servers import ServerProfile

DESCRIPTION: Final = """\
About 55 requests, GET and HEAD only, are sent one after another over one connection.
Each line of the result has a verdict: good, costs (permitted, but installers make more
requests or downloads) or wrong (it breaks a clause of a specification). Below it are
the clause, the requests that the newest releases sent to a similar server, and the
settings for nginx, devpi, pypiserver, S3 and Cloudflare.

  indexcache probe https://index.example/simple
  indexcache probe https://index.example/simple six --output index.toml
  indexcache probe http://127.0.0.1:3141/root/pypi/+simple six --against devpi

--output writes a server profile. If the file exists, the differences are shown before
it is replaced. Without PROJECT, the first project on the root page that has a wheel is
used.

A user and password in the URL are sent only to the origin of the index, and are never
shown. Exit code 1 means that the result differs from --against or from the last probe.
"""
FASTEST, SLOWEST = 100.0, 0.01

_ROOT_PAGE: Final = (
    "give the URL of the root page, which lists the projects, such as https://index.example/simple"
)
_LONGEST: Final = 200
"""The maximum length of a URL in a message."""


def add_to(commands: Commands) -> None:
    """Add the command ``indexcache probe``."""
    summary = "report how a real index answers, and how installers react to it"
    parser = add_command(commands, "probe", run, summary, DESCRIPTION)
    parser.add_argument("url", metavar="URL", help="the root page: https://index.example/simple")
    parser.add_argument("project", nargs="?", metavar="PROJECT", help="a project with a wheel")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write the server profile; - for stdout"
    )
    parser.add_argument(
        "--against",
        metavar="PROFILE",
        help="compare with a known server, or with a file that --output wrote",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the findings as JSON; - for stdout"
    )
    parser.add_argument(
        "--rate", type=float, default=4.0, help="requests per second (default: %(default)s)"
    )
    parser.add_argument(
        "--max-requests",
        type=int,
        default=100,
        metavar="N",
        help="the most requests (default: 100)",
    )
    parser.add_argument(
        "--max-mib", type=int, default=32, metavar="N", help="MiB of all bodies (default: 32)"
    )


def run(chosen: argparse.Namespace) -> int:
    """Probe an index and show the findings; return 1 if the index differs from a given profile."""
    import httpx

    from pytest_indexcache.probes.battery.client import Bounds, ProbeClient
    from pytest_indexcache.probes.probing import probe

    _check(chosen)
    given = _given(chosen)
    bounds = Bounds(chosen.rate, chosen.max_requests, chosen.max_mib << 20)
    limits = httpx.Limits(max_connections=1)
    with httpx.Client(limits=limits, timeout=30) as http:
        client = ProbeClient(chosen.url, http, bounds, monotonic=time.monotonic, sleep=time.sleep)
        probed = probe(client, chosen.url, chosen.project, time.strftime("%Y-%m-%d"))
    changed = {title: _changes(before, probed.profile) for title, before in given.items()}
    stream = sys.stderr if STDOUT in (chosen.output, chosen.json) else sys.stdout
    lines = [*_lines(probed, client, stream), *_differences(changed)]
    stream.write("".join(f"{line}\n" for line in lines))
    write_output(chosen.output, probed.profile_text)
    write_output(chosen.json, _json(probed))
    return 1 if any(changed.values()) else 0


def _check(chosen: argparse.Namespace) -> None:
    try:
        parts = urlsplit(chosen.url)
        is_url = chosen.url.isascii() and chosen.url.isprintable() and " " not in chosen.url
        is_url = (
            is_url
            and parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
        )
    except ValueError:
        is_url = False
    if not is_url:
        raise CommandError(
            f"{_without_secrets(chosen.url)!r} is not an http or https URL", _ROOT_PAGE
        )
    if parts.query or parts.fragment:
        shown = _without_secrets(chosen.url)
        raise CommandError(f"the URL {shown!r} ends in a query or a fragment", _ROOT_PAGE)
    if not (math.isfinite(chosen.rate) and SLOWEST <= chosen.rate <= FASTEST):
        raise CommandError(f"--rate {chosen.rate}", f"give {SLOWEST} to {FASTEST:.0f} a second")
    for option in ("max_requests", "max_mib"):
        if getattr(chosen, option) < 1:
            raise CommandError(
                f"--{option.replace('_', '-')} must be at least 1",
                "leave it out to use the default",
            )
    demand_outputs({"--output": chosen.output, "--json": chosen.json})


def _without_secrets(text: str) -> str:
    """Return the text without possibly secret parts of URLs: user name, query and fragment."""
    scheme, slashes, rest = text.rpartition("://")
    shown = re.split(r"[?#]", rest)[0].rpartition("@")[2]
    return printable(f"{scheme}{slashes}{shown}", _LONGEST)


def _given(chosen: argparse.Namespace) -> dict[str, ServerProfile]:
    """Return the profiles to compare the index with, keyed by their titles in the output."""
    given = {}
    output: Path | None = chosen.output
    if output is not None and output != STDOUT and output.exists():
        given[f"the last probe, {output}"] = _profile_in(output)
    if chosen.against:
        given[chosen.against] = _named(chosen.against)
    return given


def _named(name: str) -> ServerProfile:
    from pytest_indexcache.servers import load_profile, profile_names

    if name in profile_names():
        return load_profile(name)
    if Path(name).is_file():
        return _profile_in(Path(name))
    raise CommandError(
        f"--against {name} is neither a known server nor a file",
        f"profiles: {', '.join(profile_names())}",
    )


def _profile_in(file: Path) -> ServerProfile:
    from pytest_indexcache.errors import HeaderProfileError
    from pytest_indexcache.servers.profiles import parse_profile

    try:
        return parse_profile(file.stem, file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{file} cannot be read: {error}", "name a file that --output wrote"
        ) from error
    except HeaderProfileError as error:
        raise CommandError(
            f"{file} is not a server profile: {error.problem}", "name a file that --output wrote"
        ) from error


def _changes(before: ServerProfile, after: ServerProfile) -> list[ProfileChange]:
    from pytest_indexcache.probes.profiles.comparison import differences

    return list(differences(before, after))


def _lines(probed: Probe, client: ProbeClient, stream: TextIO) -> Iterator[str]:
    from pytest_indexcache.cli.commands.servers.findings_text import finding_lines
    from pytest_indexcache.cli.terminal.streams import terminal_width, wants_colour
    from pytest_indexcache.scenario.tables.fields import human_size

    places = probed.seen.places
    yield f"{printable(places.simple)} {printable(places.project)}"
    yield ""
    yield from finding_lines(probed.findings, terminal_width(), is_coloured=wants_colour(stream))
    yield ""
    yield f"{client.requests} requests, {human_size(client.read_bytes)}"
    if client.skipped:
        limits = "--max-requests or --max-mib was reached"
        yield f"{client.skipped} more requests were not sent: {limits}"
    yield from (printable(text) for text in client.problems)


def _differences(changed: dict[str, list[ProfileChange]]) -> Iterator[str]:
    for title, changes in changed.items():
        yield ""
        if not changes:
            yield f"no differences from {printable(title)}"
            continue
        yield f"differences from {printable(title)}:"
        for change in changes:
            before, after = (_value(value) for value in (change.before, change.after))
            yield f"  {printable(change.key)}: {before} -> {after}"


def _value(value: object) -> str:
    return "absent" if value is None else printable(json.dumps(value, ensure_ascii=False), 120)


def _json(probed: Probe) -> str:
    data = {
        "index": probed.seen.places.simple,
        "project": probed.seen.places.project,
        "findings": [finding.to_json() for finding in probed.findings],
    }
    return json.dumps(data, indent=1) + "\n"
