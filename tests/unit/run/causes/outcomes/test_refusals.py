"""Causes for a command that failed unexpectedly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from pytest_indexcache.installers.contract.exits import ExitKind
from pytest_indexcache.messages import Exchange

from ..histories import (
    INSTALL,
    PUBLISH,
    REMOVE_VENV,
    REPLACE,
    Told,
    causes,
    history,
    page,
    wheel,
)

UNSOLVED = "error: No solution found: Because only foo==1.0 is available and you require foo>=2\n"
MISMATCH = "error: Hash mismatch for `foo==1.0`\n"


def failed(step: dict[str, Any], output: str = UNSOLVED, *exchanges: Exchange, **more: Any) -> Told:
    """Return a step that failed with an output."""
    return Told(step, exchanges, output=output, exit=ExitKind.FAILURE, **more)


def cause_of(*steps: Told | dict[str, Any], **scenario: Any) -> str:
    """Return the only cause of a failure in the last step."""
    [cause] = causes(history(*steps, **scenario), {})
    return cause


def test_old_page_is_the_cause_before_the_error_that_it_led_to() -> None:
    """A reused page older than the release is the cause, not the installer's own error."""
    cause = cause_of(Told(INSTALL, [page(cache_control="max-age=600")]), PUBLISH, failed(INSTALL))
    assert cause.startswith("the page of foo that came in step 1 may be reused for 600 s")
    assert "older than step 2, which published foo 2.0. The installer said: No solution" in cause


def test_stored_file_of_other_bytes_is_named_with_its_replacement() -> None:
    """The cause of a wrong hash names the cached file, and the step that replaced the file."""
    new_page = page(9, cache_control="no-cache")
    cause = cause_of(
        Told(INSTALL, [page(cache_control="no-cache"), wheel(cache_control="max-age=9999")]),
        REPLACE,
        failed(INSTALL, MISMATCH, new_page),
    )
    assert cause.startswith("foo-1.0-py3-none-any.whl that came in step 1 may be reused")
    assert "step 2 replaced foo 1.0, so it does not have the sha256 that the page of this" in cause


def test_lock_that_got_the_new_page_and_the_old_file_is_explained_by_the_cache() -> None:
    """If a command read the new page but used the old file, the cause names the cached file."""
    plain = history(INSTALL, REPLACE)
    lockfile = f'"foo-1.0-py3-none-any.whl" "sha256:{digest(plain, 1)}"'
    lock = {"do": "lock", "refresh": True}
    of = history(
        Told({"do": "lock"}, [page(), wheel(cache_control="max-age=9999")], lockfile=lockfile),
        Told(REPLACE, lockfile=lockfile),
        failed(lock, MISMATCH, page(9, cache_control="no-cache"), lockfile=lockfile),
    )
    [cause] = causes(of, {})
    assert cause.startswith("foo-1.0-py3-none-any.whl that came in step 1 may be reused for 9999 s")
    assert "step 2 replaced foo 1.0, so it does not have the sha256 that the page of this" in cause


def test_file_that_was_asked_for_again_is_not_called_reused() -> None:
    """A file that the failed step itself downloaded is not reported as reused."""
    cause = cause_of(
        Told(INSTALL, [page(cache_control="no-cache"), wheel()]),
        REPLACE,
        failed(INSTALL, MISMATCH, page(9), wheel(9)),
    )
    assert cause == "the installer said: Hash mismatch for `foo==1.0`"


def test_damaged_cache_is_the_cause_where_nothing_was_asked() -> None:
    """If the failed step made no request, a damaged cache is the cause."""
    damage = {"do": "damage", "entries": "**/*.body", "how": "overwrite"}
    cause = cause_of(Told(INSTALL, [page(), wheel()]), damage, failed(INSTALL, "error: bad data\n"))
    assert cause == (
        "step 2 damaged the installer's cache (zero of **/*.body), and step 3 used it "
        "without a request. The installer said: bad data"
    )


def test_offline_step_names_what_is_not_stored() -> None:
    """If an offline step fails, the cause names the project that is not in the cache."""
    offline = {**INSTALL, "offline": True}
    cause = cause_of(failed(offline, "error: No solution found: foo was not found in the cache\n"))
    assert cause.startswith("step 1 is offline, and no step before had got foo from an index")


def test_offline_step_names_the_index_that_it_is_not_given() -> None:
    """If an offline step fails, the cause names the index that its command does not name."""
    other = {"url": "https://other.example/simple", "packages": {"foo": {"1.0": {}}}}
    pypi = {"url": "https://pypi.org/simple"}
    from_other = replace(page(), subject=replace(page().subject, index="other"))
    cause = cause_of(
        Told({**INSTALL, "extra-indexes": ["other"]}, [from_other]),
        REMOVE_VENV,
        failed({**INSTALL, "offline": True}, "error: foo was not found in the cache\n"),
        indexes={"pypi": pypi, "other": other},
    )
    assert (
        "does not use index other, from which foo came in step 1; no response for it from index "
        "pypi" in cause
    )


def test_hash_of_the_lockfile_comes_before_an_old_page() -> None:
    """If the lockfile lists the old hash, an old page is not the cause."""
    lockfile = f'url = "https://a/foo-1.0-py3-none-any.whl", hash = "sha256:{"0" * 64}"'
    cause = cause_of(
        Told({"do": "lock"}, [page(cache_control="max-age=600")], lockfile=lockfile),
        Told(REPLACE, lockfile=lockfile),
        failed({"do": "sync"}, MISMATCH, wheel(9), lockfile=lockfile),
    )
    assert cause.startswith(
        "the lockfile of step 1 names the hash sha256:00000000… for foo, but foo-1.0-py3-none-any"
    )
    assert "since step 2 replaced it. The installer said: Hash mismatch" in cause


def test_damaged_file_explains_its_refusal() -> None:
    """If a file is refused, the cause names the damage to the file."""
    packages = {"foo": {"1.0": {"damage": "not-a-zip"}}}
    cause = cause_of(
        failed(INSTALL, "error: Failed to extract foo-1.0-py3-none-any.whl\n", page(), wheel()),
        indexes={"pypi": {"url": "https://pypi.org/simple", "packages": packages}},
    )
    assert cause.startswith("foo-1.0-py3-none-any.whl of index pypi is damaged (not-a-zip: ")


def test_index_that_is_down_is_named_with_its_step() -> None:
    """If a connection is refused, the cause names the step that took the index down."""
    connect = replace(page(), method="CONNECT", url="https://pypi.org:443", status=None)
    cause = cause_of(
        {"do": "go-down", "index": "pypi"}, failed(INSTALL, "error: no route\n", connect, connect)
    )
    assert cause == (
        "index pypi has been down since step 1, and step 2 tried to connect to pypi.org twice. "
        "The installer said: no route"
    )


def test_project_that_no_index_has_is_told_as_such() -> None:
    """If no index has a required project, the cause says so."""
    step = {"do": "install", "requirements": ["absent"]}
    cause = cause_of(failed(step, "error: No solution found: absent was not found\n"))
    assert cause.startswith("no index of the scenario has absent. The installer said: ")


HEAD = replace(wheel(), method="HEAD", status=405, sent=0)


@pytest.mark.parametrize(
    ("exchanges", "said"),
    [
        ([HEAD], "HEAD for foo-1.0-py3-none-any.whl was answered with 405, and no GET followed."),
        ([page(status=503)] * 3, "was answered 3 times with 503."),
        ([replace(page(), sent=4)], "was answered with 200, cut off after 4 of 9 bytes."),
        (
            [replace(page(), subject=replace(page().subject, fault="wrong-hash"))],
            "was answered with bytes that do not match the sha256 on its page (fault wrong-hash).",
        ),
        ([replace(page(), status=None)], "was answered with a reset of the connection."),
        ([page(status=404)], "was answered with 404."),
    ],
)
def test_failed_request_is_the_cause(exchanges: Sequence[Exchange], said: str) -> None:
    """A failed request, with its answer, is the cause before the installer's own error."""
    cause = cause_of(failed(INSTALL, "error: foo cannot be had\n", *exchanges))
    assert said in cause
    assert cause.endswith("The installer said: foo cannot be had")


def test_request_that_succeeded_in_the_end_is_no_cause() -> None:
    """A failed request is not the cause if it succeeded when repeated."""
    cause = cause_of(failed(INSTALL, "error: it broke\n", page(status=503), page(1)))
    assert cause == "the installer said: it broke"


def test_absent_project_that_the_error_does_not_name_is_no_cause() -> None:
    """A 404 of one of several indexes is a cause only if the error names the project."""
    cause = cause_of(failed(INSTALL, "error: bar broke\n", page(status=404)))
    assert cause == "the installer said: bar broke"


def test_index_that_was_not_asked_after_a_refusal_is_named() -> None:
    """The cause names the index with the project that was not asked after a refusal."""
    first = {"url": "https://first.example/simple"}
    refused = replace(page(status=403), subject=replace(page().subject, index="first"))
    pypi = {"url": "https://pypi.org/simple", "packages": {"foo": {"1.0": {}}}}
    cause = cause_of(
        failed(INSTALL, "error: foo was not found\n", refused),
        indexes={"first": first, "pypi": pypi},
    )
    assert "index first" in cause
    assert "was answered with 403, and index pypi, which has foo, was not asked." in cause


def test_refused_lockfile_is_explained_by_the_edit() -> None:
    """If a lockfile is refused as outdated, the cause names the edits since it was written."""
    edit = {"do": "edit", "project": {"dependencies": ["foo", "bar"]}}
    locked = {"do": "sync", "locked": True}
    cause = cause_of(
        Told({"do": "lock"}, lockfile="a"),
        Told(edit, lockfile="a"),
        failed(locked, "error: The lockfile at `uv.lock` needs to be updated.\n", lockfile="a"),
    )
    assert cause.startswith(
        "step 3 (locked) refused the lockfile of step 1: step 2 changed dependencies of the project"
    )


def test_refused_lockfile_names_the_new_option_and_the_reason_that_is_printed() -> None:
    """The cause names a new option, and the reason for resolving that the installer printed."""
    output = (
        "Resolving despite existing lockfile due to removal of global exclude newer\n"
        "error: The lockfile at `uv.lock` needs to be updated.\n"
    )
    command = {"command": {"uv": "uv sync --locked --no-config"}}
    cause = cause_of(
        Told({"do": "lock"}, lockfile="a", command="uv lock"),
        failed(command, output, lockfile="a", command="uv sync --locked --no-config"),
    )
    assert 'the installer says "Resolving despite existing lockfile due to removal of' in cause
    assert "--no-config" in cause


def test_unsolved_requirements_are_explained_by_what_the_indexes_offer() -> None:
    """If no release fits, the cause names the releases on the indexes, with their tags."""
    packages = {"foo": {"1.0": {"tag": "cp39-cp39-win_amd64"}, "2.0": {"yanked": True}}}
    cause = cause_of(
        failed(INSTALL, UNSOLVED, page()),
        indexes={"pypi": {"url": "https://pypi.org/simple", "packages": packages}},
    )
    assert cause.startswith(
        "index pypi offers foo 1.0 (cp39-cp39-win_amd64) and 2.0 (py3-none-any; yanked). "
    )


@pytest.mark.parametrize(
    ("kind", "output", "said"),
    [
        (ExitKind.CRASH, "thread 'main' panicked at src/lib.rs:1\n", "the installer panicked: "),
        (ExitKind.CRASH, "error: x\n", "the installer ended with a traceback: x"),
        (ExitKind.HANG, "", "step 1 was ended at its time limit"),
        (ExitKind.USAGE, "error: unexpected argument\n", "the installer rejected its command line"),
        (ExitKind.FAILURE, "Resolved\n", "exit code 0, without an error"),
    ],
)
def test_end_that_is_no_failure_is_told_as_such(kind: ExitKind, output: str, said: str) -> None:
    """A crash, a hang and a usage error are explained by other causes than a failure."""
    [cause] = causes(history(Told(INSTALL, output=output, exit=kind)), {})
    assert cause.startswith(said)


def digest(of: Any, number: int) -> str:
    """Return the sha256 of the wheel of foo before a step."""
    file = of.file("pypi", "foo-1.0-py3-none-any.whl", number)
    return str(file.distribution.digests.sha256)


def locked_history(*between: dict[str, Any], exchanges: Sequence[Exchange] = ()) -> Any:
    """Return a play whose lockfile contains the hash of a wheel that step 2 replaced."""
    plain = history(INSTALL, REPLACE)
    lockfile = f'"foo-1.0-py3-none-any.whl" "sha256:{digest(plain, 1)}"'
    return history(
        Told({"do": "sync"}, [page(), wheel(cache_control="max-age=600")], lockfile=lockfile),
        Told(REPLACE, lockfile=lockfile),
        *(Told(step, exchanges, lockfile=lockfile) for step in between),
        failed({"do": "sync"}, MISMATCH, lockfile=lockfile),
    )


def test_hash_that_was_locked_before_a_file_was_replaced_comes_before_the_stored_file() -> None:
    """If a cached file has the locked hash, it does not explain the mismatch of another file."""
    of = locked_history({"do": "clear-cache"})
    [cause] = causes(of, {})
    old, new = digest(of, 1)[:8], digest(of, 3)[:8]
    assert cause.startswith(
        f"the lockfile of step 1 names the hash sha256:{old}… for foo-1.0-py3-none-any.whl, but "
        f"step 2 replaced it, and index pypi has it with sha256:{new}…. The installer said"
    )


def test_step_that_locked_the_old_hash_again_is_named() -> None:
    """The cause names the lock step that received the new page, but wrote the old hash."""
    [cause] = causes(locked_history({"do": "lock", "upgrade": True}, exchanges=[page(5)]), {})
    assert "; step 3 (lock) received the page with the new hash, but wrote the old one" in cause


def test_stored_file_that_was_cleared_or_came_again_has_no_other_bytes() -> None:
    """Only the last download of a file counts, and only if no step removed the file."""
    first = Told(INSTALL, [wheel(cache_control="max-age=600")])
    for between in ({"do": "clear-cache"}, Told(INSTALL, [wheel(5)])):
        cause = cause_of(first, REPLACE, between, failed(INSTALL, MISMATCH))
        assert cause == "the installer said: Hash mismatch for `foo==1.0`"


def test_users_that_a_step_changed_explain_a_401() -> None:
    """If a step changed users, the cause of a 401 names that step."""
    users = {"do": "set-users", "index": "pypi", "users": {"other": "q"}}
    cause = cause_of(
        INSTALL, users, failed(INSTALL, "error: foo was not found\n", page(status=401))
    )
    assert "was answered with 401, as step 2 changed the users of index pypi. The" in cause


def test_damaged_file_is_told_where_the_error_names_no_project() -> None:
    """The cause names a damaged file even if the error names no project, as with Poetry."""
    packages = {"foo": {"1.0": {"damage": "not-a-zip"}}}
    indexes = {"pypi": {"url": "https://pypi.org/simple", "packages": packages}}
    cause = cause_of(failed(INSTALL, "error: File is not a zip file\n", wheel()), indexes=indexes)
    assert cause.startswith("foo-1.0-py3-none-any.whl of index pypi is damaged (not-a-zip: it is")


def test_requirements_between_the_projects_of_an_error_are_told() -> None:
    """If no release fits, the cause names the requirements of releases on each other."""
    packages = {"foo": {"1.0": {"requires": ["bar<1"]}}, "bar": {"1.0": {}}}
    indexes = {"pypi": {"url": "https://pypi.org/simple", "packages": packages}}
    output = "error: No solution found: foo==1.0 depends on bar<1\n"
    cause = cause_of(failed(INSTALL, output), indexes=indexes)
    assert cause.startswith("index pypi offers foo 1.0 and bar 1.0; foo 1.0 requires bar<1. The")


def test_error_of_the_reference_is_told_beside_what_the_indexes_offer() -> None:
    """The reference's error "no set of releases" counts as a failed resolution."""
    output = "error: no set of releases meets the requirements on foo:\n  foo>=2 is required\n"
    assert cause_of(failed(INSTALL, output)).startswith("index pypi offers foo 1.0. The installer")


def test_old_page_explains_the_failure_for_an_edited_project() -> None:
    """If the project was edited, the old page is the cause, not the lockfile."""
    text = 'name = "foo"\nversion = "1.0"\n'
    first = Told({"do": "sync"}, [page(cache_control="max-age=600")], lockfile=text)
    edit = Told({"do": "edit", "project": {"dependencies": ["foo>=2"]}}, lockfile=text)
    last = replace(failed({"do": "sync"}), lockfile=text)
    between = Told(PUBLISH, lockfile=text)
    cause = cause_of(first, between, edit, last)
    assert cause.startswith("the page of foo that came in step 1 may be reused for 600 s")
    assert "older than step 2, which published foo 2.0. The installer said" in cause
    assert cause_of(first, between, last).startswith("index pypi offers foo 1.0 and 2.0")


def test_wrong_bytes_that_were_stored_are_told_with_the_step_in_which_they_came() -> None:
    """The cause of a mismatch names the step that stored the file with wrong bytes."""
    fault = replace(wheel(cache_control="max-age=60").subject, fault="wrong-hash")
    wrong = replace(wheel(cache_control="max-age=60"), subject=fault)
    mismatch = "error: Hash mismatch for `foo==1.0`\n"
    first, last = failed(INSTALL, mismatch, wrong), failed(INSTALL, mismatch)
    cause = cause_of(first, last)
    assert cause.startswith(
        "foo-1.0-py3-none-any.whl came in step 1 with bytes that do not match the sha256 on its "
        "page (fault wrong-hash); step 2 did not ask for it again, and used the stored response: "
        "the response of step 1 may be reused for 60 s without asking (cache-control: max-age=60)"
    )
    for other in (
        cause_of(first, {"do": "clear-cache"}, last),
        cause_of(first, failed(INSTALL, mismatch, wheel())),
        cause_of(Told(INSTALL, [wheel()]), last),
    ):
        assert "what was stored of it" not in other


def test_offline_step_that_did_not_accept_a_stored_page_is_told_with_its_lifetime() -> None:
    """The cause names the header field because of which a stored page cannot be used offline."""
    offline = {**INSTALL, "offline": True}
    first = Told(INSTALL, [page(cache_control="no-cache"), wheel()])
    assert cause_of(first, failed(offline)).startswith(
        "step 2 is offline, and did not accept the stored response for foo: the page of foo came "
        "in step 1 and says no-cache"
    )
    assert cause_of(first, {"do": "clear-cache"}, failed(offline)).startswith(
        "step 3 is offline, and step 2 cleared the cache of everything after step 1"
    )


def test_step_that_made_requests_fail_is_named() -> None:
    """If a request failed because of a fault, the cause names the step that set the fault."""
    fail = {"do": "fail", "index": "pypi", "how": "reset"}
    reset = replace(wheel(), status=None, sent=0, length=0)
    broken = replace(reset, subject=replace(reset.subject, fault="reset"))
    cause = cause_of(fail, failed(INSTALL, "error: connection reset\n", broken))
    assert "a reset of the connection, as step 1 made requests fail. The installer" in cause
