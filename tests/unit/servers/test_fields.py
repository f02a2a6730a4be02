"""Header fields in profiles: permitted values, and placeholders."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_indexcache.messages import Headers
from pytest_indexcache.servers import FieldValue, Representation, apply_fields, check_field

NOW = 1_756_684_800.0
WHEEL = Representation(
    content_type="application/octet-stream",
    length=1234,
    sha256="0123456789abcdef" * 4,
    sha1="da39a3ee5e6b4b0d3255bfef95601890afd80709",
    md5="d41d8cd98f00b204e9800998ecf8427e",
    last_modified=NOW - 86_400,
    filename="torch-2.8.0+cpu-py3-none-any.whl",
)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("no-store", "no-store"),
        ("$date", "Mon, 01 Sep 2025 00:00:00 GMT"),
        ("${date-600}", "Sun, 31 Aug 2025 23:50:00 GMT"),
        ("${date+600}", "Mon, 01 Sep 2025 00:10:00 GMT"),
        ("$modified", "Sun, 31 Aug 2025 00:00:00 GMT"),
        ("${modified-1}", "Sat, 30 Aug 2025 23:59:59 GMT"),
        ('"$md5"', '"d41d8cd98f00b204e9800998ecf8427e"'),
        ('W/"${md5}"', 'W/"d41d8cd98f00b204e9800998ecf8427e"'),
        ('"$md5-24"', '"d41d8cd98f00b204e9800998ecf8427e-24"'),
        ('"$md5_base64"', '"1B2M2Y8AsgTpgAmY7PhCfg"'),
        ("$sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ('"{SHA1{$sha1}}"', '"{SHA1{da39a3ee5e6b4b0d3255bfef95601890afd80709}}"'),
        ("$sha256", "0123456789abcdef" * 4),
        ('"0x$opaque"', '"0x0123456789ABCDE"'),
        ("$length bytes", "1234 bytes"),
        ('attachment; filename="$filename"', f'attachment; filename="{WHEEL.filename}"'),
        ("costs $$5", "costs $5"),
    ],
)
def test_placeholders(text: str, sent: str) -> None:
    """A placeholder stands for data of the response, or for the time of sending."""
    check_field("x-field", text)
    assert apply_fields(Headers(), {"x-field": text}, WHEEL, NOW).get("x-field") == sent


def test_filename_ends_no_quoted_string() -> None:
    """A filename cannot close the quoted string or end the line of its header field."""
    odd = Representation("a/b", 0, "0" * 64, "0" * 40, "0" * 32, 0.0, 'a"\\\r\n\u00e9.whl')
    headers = apply_fields(Headers(), {"x-field": '"$filename"'}, odd, NOW)
    assert headers.get("x-field") == '"a_____.whl"'


def test_fields_replace_those_of_the_same_name() -> None:
    """A field replaces all lines of its name, False removes it, and a list gives several lines."""
    before = Headers.of(
        [("Vary", "Accept"), ("vary", "Origin"), ("ETag", '"1"'), ("Server", "nginx")]
    )
    fields: dict[str, FieldValue] = {"VARY": ("A", "B"), "etag": False, "age": "5"}
    after = apply_fields(before, fields, WHEEL, NOW)
    assert after.fields == (("Server", "nginx"), ("VARY", "A"), ("VARY", "B"), ("age", "5"))


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "é", "a\0", "{a}"])
def test_name_that_is_no_token(name: str) -> None:
    """A name that is not a token of RFC 9110 is refused."""
    with pytest.raises(ValueError, match="is not the name of a header field"):
        check_field(name, "x")


@pytest.mark.parametrize("path", ["/etc/x", "..", "a\\b", "%2Fx"])
def test_name_of_a_file_in_a_field_is_no_path(path: str) -> None:
    """A filename in a field must contain no path and no escape: old clients write to that path."""
    with pytest.raises(ValueError, match="Content-Disposition has a path or an escape"):
        check_field("Content-Disposition", f'attachment; filename="{path}"')
    check_field("Content-Disposition", 'attachment; filename="$filename"')


@pytest.mark.parametrize(
    "value",
    [
        "text/html; charset=utf-7",
        "text/html;CHARSET = 'unicode_escape'",
        'text/html; charset="utf-8" ; charset=utf-7',
        "text/html; charset*=utf-8''utf-7",
        "text/html; charset=$filename",
    ],
)
def test_charset_in_which_a_text_could_become_a_link(value: str) -> None:
    """A charset in which escaped ASCII could become markup is refused."""
    with pytest.raises(ValueError, match=r"unsupported charset|has no placeholder"):
        check_field("Content-Type", value)
    for plain in ("text/html", "text/html; charset=UTF-8", 'text/html; charset="us-ascii"'):
        check_field("Content-Type", plain)


@pytest.mark.parametrize(
    "value", ["text/html", "application/vnd.pypi.simple.v1+json", "application/XHTML+xml"]
)
def test_file_that_would_be_read_as_a_page(value: str) -> None:
    """A content type of pages is refused for files, because files may contain links."""
    with pytest.raises(ValueError, match="is the type of a page, not of a file"):
        check_field("content-type", ("application/zip", value), of_file=True)
    check_field("content-type", value)
    check_field("content-type", "binary/octet-stream", of_file=True)
    with pytest.raises(ValueError, match="has no placeholder"):
        check_field("content-type", "text/$filename", of_file=True)


@pytest.mark.parametrize("name", ["Location", "refresh", "Alt-Svc", "content-location"])
def test_fields_that_lead_elsewhere_are_refused(name: str) -> None:
    """Header fields that redirect are refused, because only the key ``redirect`` is checked."""
    with pytest.raises(ValueError, match="would redirect the client; give a redirect"):
        check_field(name, "https://a.example/x")


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "Content-Range"])
def test_fields_that_frame_a_body(name: str) -> None:
    """Header fields that determine where a body ends are refused."""
    with pytest.raises(ValueError, match="is set by the index itself"):
        check_field(name, "5")


@pytest.mark.parametrize("value", ["a\r\nset-cookie: b", "a\nb", "\x1b[31m", "é", "\0", "\x7f"])
def test_value_that_would_end_its_line(value: str) -> None:
    """A value with control characters, or with characters outside ASCII, is refused."""
    with pytest.raises(ValueError, match="is not the value of a header field"):
        check_field("x-field", value)
    with pytest.raises(ValueError, match="is not the value of a header field"):
        check_field("x-field", ("fine", value))


def test_value_that_is_too_long() -> None:
    """A value of more than 4096 characters is refused."""
    check_field("x-field", "a" * 4096)
    with pytest.raises(ValueError, match="has 4097 characters; at most 4096 are allowed"):
        check_field("x-field", "a" * 4097)


@pytest.mark.parametrize(
    "value", ["$", "$5", "$nope", "${nope}", "${md5-5}", "${date-}", "$DATE", "${date-1", "a$"]
)
def test_unknown_placeholder(value: str) -> None:
    """An unknown placeholder is refused, and the message lists the known ones."""
    with pytest.raises(ValueError, match=r"is not a placeholder: use \$date, \$modified"):
        check_field("x-field", value)


@given(name=st.text(), value=st.text() | st.lists(st.text()).map(tuple) | st.just(False))
def test_whatever_passes_can_be_sent(name: str, value: FieldValue) -> None:
    """Any value that passes the check is sent as one field with the expected lines."""
    try:
        check_field(name, value)
    except ValueError:
        return
    headers = apply_fields(Headers(), {name: value}, WHEEL, NOW)
    sent = "".join(f"{key}: {text}\r\n" for key, text in headers)
    lines = () if value is False else (value,) if isinstance(value, str) else value
    assert re.fullmatch(r"([^\s:]+: [\t\x20-\x7e]*\r\n)*", sent)
    assert sent.count("\r\n") == len(lines)


_PARTS = ["${date}", "${date-9999999999}", "$$", "${md5}", "${filename}", "a", " ", "-"]


@given(value=st.lists(st.sampled_from(_PARTS)).map("".join), time=st.floats(0, 4e9))
def test_filled_in_values_can_be_sent(value: str, time: float) -> None:
    """A filled-in header field contains no line break and no placeholder."""
    check_field("x", value)
    filled = apply_fields(Headers(), {"x": value}, WHEEL, time).get("x")
    assert filled is not None
    assert re.fullmatch(r"[\t\x20-\x7e]*", filled)
    assert filled.count("$") == len(re.findall(r"\$\$", value))
