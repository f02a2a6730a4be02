"""Causes for a command that succeeded unexpectedly."""

from __future__ import annotations

from typing import Any

from ..histories import INSTALL, Told, causes, history, page, wheel

FAILURE = {"exit": "failure"}
ZEROS = "0" * 64


def cause_of(*steps: Told | dict[str, Any], **scenario: Any) -> str:
    """Return the only cause of the last step's unexpected success."""
    [cause] = causes(history(*steps, **scenario), FAILURE)
    return cause


def pypi(**release: Any) -> dict[str, Any]:
    """Return an index with one release of foo."""
    index = {"url": "https://pypi.org/simple", "packages": {"foo": {"1.0": release}}}
    return {"pypi": index}


def test_damaged_file_that_was_accepted_is_named() -> None:
    """If a damaged archive was accepted, the cause names the damage."""
    cause = cause_of(Told(INSTALL, [page(), wheel()]), indexes=pypi(damage="bad-crc"))
    assert cause == (
        "foo-1.0-py3-none-any.whl of index pypi is damaged (bad-crc: the checksum (CRC) of a "
        "member is wrong); step 1 accepted it anyway"
    )


def test_hash_that_was_not_verified_is_named_with_its_file() -> None:
    """The cause names a hash in a requirements file that the accepted file does not have."""
    cause = cause_of(
        Told(
            {"command": {"uv": "uv pip install -r r.txt"}},
            [page(), wheel()],
            command="uv pip install -r r.txt",
        ),
        files={"project/r.txt": f"foo==1.0 \\\n    --hash=sha256:{ZEROS}\n"},
    )
    assert cause.startswith("project/r.txt names the hash sha256:00000000… for foo, but foo-1.0-")
    assert cause.endswith("step 1 accepted it anyway")


def test_hash_of_a_lockfile_that_was_not_verified_is_named() -> None:
    """The cause names a hash in the lockfile that the accepted file does not have."""
    lockfile = f'{{ url = "https://a/foo-1.0-py3-none-any.whl", hash = "sha256:{ZEROS}" }}'
    cause = cause_of(
        Told({"do": "lock"}, lockfile=lockfile), Told({"do": "sync"}, [wheel()], lockfile=lockfile)
    )
    assert cause.startswith("the lockfile of step 1 names the hash sha256:00000000… for foo")


def test_wrong_hash_of_a_page_that_was_not_verified_is_named() -> None:
    """The cause names a hash on the page that the accepted file does not have."""
    cause = cause_of(Told(INSTALL, [page(), wheel()]), indexes=pypi(hashes="wrong"))
    assert cause == (
        "the page of foo on index pypi names a hash that foo-1.0-py3-none-any.whl does not have; "
        "step 1 accepted it anyway"
    )


def test_weak_hash_that_was_enough_is_named() -> None:
    """If hashes are required, the cause names a requirement accepted with only an MD5 hash."""
    digest = "7" * 32
    of = history(
        Told(
            {"command": {"uv": "uv pip sync r.txt --require-hashes"}},
            [wheel()],
            command="uv pip sync r.txt --require-hashes",
        ),
        files={"project/r.txt": "foo==1.0 --hash=md5:DIGEST\n"},
        indexes=pypi(hashes="md5"),
    )
    file = of.file("pypi", "foo-1.0-py3-none-any.whl")
    assert file is not None
    digest = file.distribution.digests.md5
    of.scenario.files["project/r.txt"] = f"foo==1.0 --hash=md5:{digest}\n"
    [cause] = causes(of, FAILURE)
    assert cause.startswith("project/r.txt names only an md5 hash for foo (and so does the page of")


def test_missing_hash_is_named() -> None:
    """If hashes are required, the cause names a requirement accepted without a hash."""
    cause = cause_of(
        Told(
            {"command": {"uv": "uv pip install --require-hashes -r r.txt"}},
            [wheel()],
            command="uv pip install --require-hashes -r r.txt",
        ),
        files={"project/r.txt": "foo==1.0\n"},
    )
    assert cause.startswith("project/r.txt names no hash for foo, and step 1 accepted foo-1.0-")


def test_lockfile_that_was_accepted_after_an_edit_is_named() -> None:
    """The cause names the edit of the project since the accepted lockfile was written."""
    edit = {"do": "edit", "project-files": {"uv": '[a]\nurl = "https://x/simple"\n'}}
    cause = cause_of(
        Told({"do": "lock"}, lockfile="a"),
        Told(edit, lockfile="a"),
        Told({"command": {"uv": "uv lock --locked"}}, command="uv lock --locked", lockfile="a"),
        **{"project-files": {"uv": '[a]\nurl = "https://x/simple/"\n'}},
    )
    assert cause == (
        'step 2 changed the project file (- url = "https://x/simple/", + url = "https://x/simple"'
        "); step 3 (--locked) accepted the lockfile of step 1 anyway, with no request"
    )


def test_what_came_from_the_cache_is_named_with_its_step() -> None:
    """The cause of an install without requests names the step that downloaded the file."""
    cause = cause_of(
        Told(INSTALL, [page(), wheel()], after={"foo": "1.0"}),
        Told({**INSTALL, "venv": "other", "offline": True}, after={"foo": "1.0"}),
    )
    assert cause == "step 2 installed foo 1.0 from what step 1 had downloaded, with no request"


def test_success_without_a_known_reason_is_told_by_its_effects() -> None:
    """If no rule applies, the cause names the installed projects and their sources."""
    cause = cause_of(Told(INSTALL, [page(), wheel()], after={"foo": "1.0"}))
    assert cause == "step 1 installed foo 1.0 from index pypi"
    cause = cause_of(Told(INSTALL, [page()]))
    assert cause == "step 1 succeeded and changed nothing in the venv, with 1 request"
