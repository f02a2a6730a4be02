"""Private names and credentials, replaced by neutral ones."""

from __future__ import annotations

import pytest

from pytest_indexcache.drafts.captures.privacy.marks import unmarked
from pytest_indexcache.drafts.captures.privacy.replaced_tables import replaced_tables
from pytest_indexcache.drafts.captures.privacy.replacements import Replacements


def _known() -> Replacements:
    replacements = Replacements()
    replacements.secret("hunter2/!")
    replacements.user("joe.smith")
    replacements.path("/home/joe")
    replacements.user("admin")
    replacements.secret("pypi")
    replacements.project("acme-core")
    replacements.project("acme")
    return replacements


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Acme_Core[fast]>=1", "project1[fast]>=1"),
        ("acme.core-1.0.tar.gz", "project1-1.0.tar.gz"),
        ("acme and acmeville", "project2 and acmeville"),
        ("/home/joe/src", "/folder/src"),
        ("joe.smith:hunter2/!", "user1:secret1"),
        ("token=hunter2%2F%21", "token=secret1"),
        ("django-admin of pypi", "django-admin of pypi"),
        ("x/home/joe/src and /home/joey", "x/home/joe/src and /home/joey"),
        ("six>=1", "six>=1"),
    ],
)
def test_private_words_are_replaced_in_every_spelling(text: str, expected: str) -> None:
    """Names are replaced in any spelling, and credentials also in percent-encoding."""
    assert _known().named(text) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://joe:pw@nexus.acme.corp/repository/acme-team/simple/acme-core/",
            "https://index1.example/repository/folder1/simple/project1/",
        ),
        ("http://127.0.0.1:3141/root/pypi/+simple/", "https://index1.example/root/pypi/+simple/"),
        (
            "https://nexus.acme.corp/f/ab/12ef/acme_core-1.0-py3-none-any.whl?X-Sig=abc#x",
            "https://index1.example/folder1/ab/12ef/project1-1.0-py3-none-any.whl?signature=1",
        ),
        ("https://pypi.org/simple/acme-core/", "https://pypi.org/simple/project1/"),
        ("https://user:pw@pypi.org/simple/six/", "https://pypi.org/simple/six/"),
    ],
)
def test_url_keeps_its_shape(url: str, expected: str) -> None:
    """Hosts, folders, queries and credentials in a URL are replaced; common path parts stay."""
    assert _known().url(url) == expected


def test_words_that_are_no_secret_by_themselves_are_replaced_in_their_place() -> None:
    """A password that is a common word is replaced, but the same word elsewhere is not."""
    replacements = _known()
    assert replacements.secret("pypi") == "secret2"
    assert replacements.user("__token__") == "__token__"
    assert replacements.user("bob") == "user2"
    assert replacements.secrets_in("bob at https://index1.example/pypi") == []


def test_same_word_stands_for_the_same_text() -> None:
    """URLs at the same host get the same replacement, and URLs at two hosts get two."""
    replacements = _known()
    urls = [f"https://{host}/simple/" for host in ("a.corp", "b.corp", "A.corp")]
    hosts = [replacements.url(url).split("/")[2] for url in urls]
    assert hosts == ["index1.example", "index2.example", "index1.example"]


def test_names_are_kept_if_that_is_asked_for() -> None:
    """If names are to be kept, only credentials and signatures are replaced."""
    replacements = Replacements(keeps_names=True)
    replacements.secret("hunter2")
    replacements.user("joe")
    replacements.project("acme-core")
    url = "https://joe:hunter2@nexus.acme.corp/team/acme-core/?sig=1"
    assert replacements.url(url) == "https://nexus.acme.corp/team/acme-core/?signature=1"
    assert replacements.user("joe") == "user1"
    assert replacements.named("hunter2 of acme-core") == "secret1 of acme-core"


def test_what_is_left_is_found() -> None:
    """A text that still contains a private word is reported, and therefore not written."""
    replacements = _known()
    assert replacements.secrets_in("a hunter2/! in a comment") == ["hunter2/!"]
    assert replacements.names_in("Acme.Core") == ["Acme.Core"]
    assert not replacements.names_in("project1")


def test_project_called_like_a_word_of_indexes_keeps_its_name() -> None:
    """A project called ``simple`` keeps its name, because most URLs contain that word."""
    assert Replacements().project("simple") == "simple"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://download.pytorch.org/whl/cpu/cpu/",
            "https://download.pytorch.org/whl/cpu/project1/",
        ),
        ("https://nexus.acme.corp/simple/cafe/", "https://index1.example/simple/project2/"),
        ("https://nexus.acme.corp/f/cafe/b.whl", "https://index1.example/folder1/project2/folder2"),
        (
            "https://nexus.acme.corp/p/cpu-1.0%2Bcafe-cp311-none-any.whl",
            "https://index1.example/folder1/project1-1.0%2Blocal1-cp311-none-any.whl",
        ),
    ],
)
def test_projects_of_a_url_are_known_by_their_place(url: str, expected: str) -> None:
    """A public index keeps its folders, even if a project is named like a hash or a platform."""
    replacements = Replacements()
    replacements.index("https://download.pytorch.org/whl/cpu")
    replacements.project("cpu")
    replacements.project("cafe")
    assert replacements.url(url) == expected


def test_replacement_is_no_name_of_the_capture() -> None:
    """A private project is never replaced by the name of another project."""
    replacements = Replacements()
    replacements.reserve(["project1", "Project.2"])
    assert replacements.project("acme") == "project2"
    assert replacements.project("project1") == "project3"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("acme-core", "project1"), ("black-23", "black-23"), ("of acme-core!", "of project1!")],
)
def test_user_named_like_a_project_is_no_secret(text: str, expected: str) -> None:
    """A name of a project is not treated as a secret, even if a user has the same name."""
    replacements = Replacements()
    replacements.keep(["black-23"])
    for user in ("acme-core", "black-23"):
        replacements.user(user)
    replacements.project("acme-core")
    assert replacements.named(text) == expected
    assert replacements.secrets_in(text) == []


def test_marks_of_a_stranger_hide_nothing() -> None:
    """A captured text cannot mark a private word as already checked."""
    replacements = _known()
    assert replacements.named("\ue000acme\ue001 and ac\ue000me") == "project2 and project2"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", ["*"]),
        ("acme-*", ["project1"]),
        ("a*", ["project2", "project1", "attrs"]),
        ("att?s", ["att?s"]),
        ("Acme_Core", ["project1"]),
        ("acme-unseen*", ["unknown-project"]),
    ],
)
def test_pattern_of_names_has_no_private_part(pattern: str, expected: list[str]) -> None:
    """A pattern becomes the private projects that it matches, and stays if it matches none."""
    replacements = _known()
    replacements.keep(["attrs"])
    tables = {"project-files": {"pdm": {"source": [{"include_packages": [pattern]}]}}}
    replaced = unmarked(replaced_tables(tables, replacements))
    assert replaced["project-files"]["pdm"]["source"] == [{"include_packages": expected}]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("config-settings-package", {"acme": {"x": "y"}}, {"project2": {"x": "y"}}),
        ("extra-build-dependencies", {"acme": ["acme-core"]}, {"project2": ["project1"]}),
        ("extra-build-variables", {"acme": {"X": "1"}}, {"project2": {"X": "1"}}),
        ("exclude-newer-package", {"acme": False}, {"project2": False}),
        ("no-build-isolation-package", ["Acme_Core"], ["project1"]),
        ("environments", ["platform_node == 'joes'"], ["platform_node == 'host1'"]),
    ],
)
def test_settings_of_projects_are_replaced(key: str, value: object, expected: object) -> None:
    """Project names in the keys and values of settings for single projects are replaced."""
    tables = {"project-files": {"uv": {"tool": {"uv": {key: value}}}}}
    replaced = unmarked(replaced_tables(tables, _known()))
    assert replaced["project-files"]["uv"]["tool"]["uv"] == {key: expected}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0+acme.7", "1.0+local1"),
        ("==1.0+team_7", "==1.0+local1"),
        ("2.8.0+cu126", "2.8.0+cu126"),
        ("1.0", "1.0"),
    ],
)
def test_local_version_of_a_build_is_replaced(version: str, expected: str) -> None:
    """A local version is replaced unless it is one that public builds have."""
    assert unmarked(_known().names.version(version)) == expected
