"""Rules for judging the data about files that an index's simple pages contain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from pytest_indexcache.printable import printable
from pytest_indexcache.probes.battery.pages import ProbedPage
from pytest_indexcache.probes.battery.seen import Seen
from pytest_indexcache.probes.rules.verdicts import Judged, costs, good, wrong

_LONGEST: Final = 60


def judge_contents(seen: Seen) -> Iterator[Judged]:
    """Yield the judgements on the entries of a page, in the order in which they are shown."""
    page = seen.json or seen.html
    if page is None or not page.files:
        return
    yield _hashes(page)
    if seen.json:
        yield _sizes(seen.json)
    yield from _requires_python(seen, page)
    yield from _yanked(seen, page)


def _hashes(page: ProbedPage) -> Judged:
    hashed = [file for file in page.files if "sha256" in file.hashes]
    text = f"{len(hashed)} of {len(page.files)} files have a sha256"
    return (good if len(hashed) == len(page.files) else costs)("pages.hashes", text)


def _sizes(page: ProbedPage) -> Judged:
    if page.version in ("", "1.0"):
        return costs("pages.sizes", "API version 1.0: no versions, sizes or upload times")
    has_versions = "versions" in page.keys
    sized = all("size" in file.attributes for file in page.files)
    lacking = [name for name, has in (("versions", has_versions), ("size", sized)) if not has]
    if lacking:
        return wrong("pages.sizes", f"API version {page.version}, but without {', '.join(lacking)}")
    return good("pages.sizes", "the page has versions and sizes")


def _requires_python(seen: Seen, page: ProbedPage) -> Iterator[Judged]:
    subject = "pages.requires-python"
    named = [_values(form, "requires-python") for form in seen.pages]
    yield from _differences(subject, seen, named)
    values = {name: value for each in named for name, value in each.items() if value}
    invalid = next((item for item in values.items() if not _is_specifier(item[1])), None)
    if invalid is not None:
        name, value = (printable(str(text), _LONGEST) for text in invalid)
        yield wrong(subject, f"{name}: {value!r} is not a version specifier")
    elif values:
        yield good(
            subject, f"{len(values)} of {len(page.files)} files state the Python that they require"
        )
    elif seen.required_python:
        declared = printable(seen.required_python, _LONGEST)
        text = f"no file states one, but the core metadata of the wheel requires {declared}"
        yield costs(subject, text)


def _is_specifier(value: Any) -> bool:
    try:
        SpecifierSet(value)
    except (InvalidSpecifier, TypeError, AttributeError):
        return False
    return isinstance(value, str)


def _yanked(seen: Seen, page: ProbedPage) -> Iterator[Judged]:
    """Yield the judgements on yanked files; there are none if the project has no yanked file."""
    subject = "pages.yanked"
    found: list[Mapping[str, Any]] = []
    for form in seen.pages:
        given = _values(form, "yanked")
        odd = [name for name, value in given.items() if not isinstance(value, bool | str)]
        if odd:
            name = printable(odd[0], _LONGEST)
            yield wrong(subject, f"{name}: its value is neither a boolean nor a string")
        # PEP 592: the value of the attribute may be absent. PEP 691: a boolean, or the reason.
        found.append({name: True for name, value in given.items() if value is not False})
    yield from _differences(subject, seen, found)
    names = {name for each in found for name in each}
    if names:
        yield good(subject, f"{len(names)} of {len(page.files)} files are yanked")


def _values(page: ProbedPage, key: str) -> Mapping[str, Any]:
    """Return the values of a key or attribute, keyed by filename; files without it are omitted."""
    values = {file.filename: file.attributes.get(key) for file in page.files}
    return {name: value for name, value in values.items() if value is not None}


def _differences(subject: str, seen: Seen, found: Sequence[Mapping[str, Any]]) -> Iterator[Judged]:
    """Yield a judgement if the HTML and JSON pages disagree about a file that is on both."""
    if not (seen.html and seen.json):
        return
    listed = [{file.filename for file in page.files} for page in (seen.html, seen.json)]
    for name in sorted(listed[0] & listed[1]):
        html, json = (each.get(name) for each in found)
        if html != json and (html or json):
            yield wrong(subject, f"{printable(name, _LONGEST)}: HTML and JSON differ")
            return
