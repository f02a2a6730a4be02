"""Origins of distributions: indexes, URLs, sdists, folders, and changes between them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pytest_indexcache.errors import BuildError
from pytest_indexcache.reference.words.selection import EVERYTHING, NOTHING, Selection
from pytest_indexcache.scenario.tables.changes import Publish
from pytest_indexcache.system.venvs.environment import Environment

from .workplace import PYPI, Workplace, make_workplace


def dist_info_of(place: Workplace, name: str) -> Path:
    """Return the dist-info folder of a distribution."""
    environment = Environment.open(place.venv)
    assert environment is not None
    (found,) = (it for it in environment.installed() if it.name == name)
    return found.dist_info


def test_an_index_is_recorded_where_pep_610_records_nothing(place: Workplace) -> None:
    """The dist-info records the installer, the index, and whether the project was requested."""
    place.write_project("app")
    place.do("sync")
    app, lib = dist_info_of(place, "app"), dist_info_of(place, "lib")
    assert (app / "INSTALLER").read_text() == "pytest-indexcache\n"
    assert (app / "REQUESTED").exists()
    assert not (lib / "REQUESTED").exists()
    assert not (app / "direct_url.json").exists()
    record = json.loads((app / "indexcache_origin.json").read_text())
    assert (record["kind"], record["location"]) == ("index", PYPI)
    assert set(record["hashes"]) == {"sha256"}
    for name in ("INSTALLER", "REQUESTED", "indexcache_origin.json"):
        assert f"{app.name}/{name}," in (app / "RECORD").read_text()


def test_an_editable_folder_is_seen_as_it_is_now(place: Workplace) -> None:
    """A change to a module of an editable project takes effect without a new installation."""
    folder = place.write_local("local", build="first")
    place.do("install", editable=[str(folder)])
    assert place.build_of("local") == "first"
    assert json.loads((dist_info_of(place, "local") / "direct_url.json").read_text()) == {
        "url": folder.as_uri(),
        "dir_info": {"editable": True},
    }
    place.write_local("local", build="second")
    assert place.build_of("local") == "second"


def test_an_extra_of_an_editable_folder_is_installed(place: Workplace) -> None:
    """An extra in brackets after the path of an editable project is installed."""
    folder = place.write_local("local", requires=["lib==1.0; extra == 'web'"])
    place.do("install", editable=[f"{folder}[web]"])
    assert place.installed() == {"local": "1.0", "lib": "1.0"}
    file = place.root / "r.txt"
    file.write_text("-e ./local[web]\n")
    place.do("install", files=[file], venv=place.root / "other")
    environment = Environment.open(place.root / "other")
    assert environment is not None
    assert {it.name for it in environment.installed()} == {"local", "lib"}


@pytest.mark.parametrize("upgrade", [NOTHING, EVERYTHING])
@pytest.mark.parametrize("key", ["requirements", "editable"])
def test_installing_by_name_does_not_go_back_to_an_older_release(
    place: Workplace, upgrade: Selection, key: str
) -> None:
    """A project from a folder is kept until the index has a newer release than the folder."""
    folder = place.write_local("lib", version="1.7")
    asked: dict[str, Any] = {key: [str(folder)]}
    place.do("install", **asked)
    place.do("install", requirements=["lib"], upgrade=upgrade)
    assert place.installed() == {"lib": "1.7"}
    assert place.origin("lib") == ("path" if key == "requirements" else "editable")
    publish = {"index": "pypi", "do": "publish", "project": "lib", "version": "2.0"}
    place.indexes.apply(Publish.model_validate(publish))
    place.now += 3600
    place.do("install", requirements=["lib"], upgrade=upgrade)
    assert place.installed() == {"lib": "2.0"}


PATH_SOURCE = '[tool.indexcache.sources]\nlocal = { path = "../local" }\n'
EDITABLE_SOURCE = '[tool.indexcache.sources]\nlocal = { path = "../local", editable = true }\n'


def test_a_folder_is_built_again_when_it_changed_and_not_before(place: Workplace) -> None:
    """A path project is built again only if a file in its folder changed."""
    place.write_local("local", build="first")
    place.write_project("local", rest=PATH_SOURCE)
    place.do("sync")
    place.do("sync")
    assert place.builds() == ["local wheel 1.0"]
    assert place.build_of("local") == "first"
    place.write_local("local", build="second")
    place.do("sync")
    assert place.builds() == ["local wheel 1.0"] * 2
    assert place.build_of("local") == "second"


def test_an_editable_folder_is_built_again_when_its_metadata_changed(place: Workplace) -> None:
    """An editable project is built again if its metadata changed, but not if a module changed."""
    place.write_local("local", build="first")
    place.write_project("local", rest=EDITABLE_SOURCE)
    place.do("sync")
    place.write_local("local", build="second")
    place.do("sync")
    assert place.builds() == ["local editable 1.0"]
    place.write_local("local", version="2.0", requires=["lib"])
    place.do("sync")
    assert place.installed() == {"local": "2.0", "lib": "1.5"}


def test_switching_between_index_folder_and_editable_replaces(place: Workplace) -> None:
    """A distribution is replaced when its origin changes, even if its version does not."""
    folder = place.root / "app"
    place.write_local("app", version="2.0", build="folder")
    steps = [
        ("", "index", "pypi"),
        ('[tool.indexcache.sources]\napp = { path = "../app" }\n', "path", "folder"),
        (
            '[tool.indexcache.sources]\napp = { path = "../app", editable = true }\n',
            "editable",
            "folder",
        ),
        ("", "index", "pypi"),
    ]
    for rest, kind, build in steps:
        place.write_project("app", rest=rest)
        place.do("sync")
        assert (place.origin("app"), place.build_of("app")) == (kind, build)
    assert folder.is_dir()


def test_an_sdist_is_built_once_and_kept(place: Workplace) -> None:
    """The wheel built from an sdist is reused for later venvs, without download or build."""
    place.write_project("from-source")
    place.do("sync")
    shutil.rmtree(place.venv)
    place.downloads()
    place.do("sync")
    assert place.builds() == ["from-source wheel 1.0"]
    assert place.requests() == []
    assert place.installed() == {"from-source": "1.0"}


def test_wheels_and_sdists_at_urls_are_installed(place: Workplace) -> None:
    """A file at a URL is installed, and its URL and hash are recorded (PEP 610)."""
    place.do("install", requirements=["lib==1.0"])
    (url,) = (it.url for it in place.ledger if it.is_download)
    place.do("install", requirements=[f"lib @ {url}"])
    record = json.loads((dist_info_of(place, "lib") / "direct_url.json").read_text())
    assert record["url"] == url
    assert len(record["archive_info"]["hashes"]["sha256"]) == 64


def test_what_is_installed_from_a_url_meets_requirements(place: Workplace) -> None:
    """A distribution from a URL is kept, without a request, if it meets the requirements."""
    place.do("install", requirements=["lib==1.0"])
    (url,) = (it.url for it in place.ledger if it.is_download)
    place.do("install", requirements=[f"lib @ {url}"])
    place.ledger.clear()
    place.do("install", requirements=["app", "lib>=1"])
    assert place.installed() == {"app": "2.0", "lib": "1.0"}
    assert place.origin("lib") == "url"
    assert {it.subject.project for it in place.ledger} == {"app"}
    place.ledger.clear()
    place.do("install", requirements=[f"lib @ {url}"])
    assert {str(it.url) for it in place.ledger} <= {url}
    place.do("install", requirements=["lib>1"])
    assert place.origin("lib") == "index"
    assert place.installed()["lib"] == "1.5"


def test_a_failing_backend_shows_its_output(place: Workplace) -> None:
    """The error of a failed build names the folder and the hook, and quotes the output's end."""
    folder = place.write_local("local")
    backend = folder / "backend" / "in_tree_backend.py"
    broken = "print('about to fail')\nraise RuntimeError('no compiler')\n"
    backend.write_text(
        backend.read_text().replace(
            "    pointer =", f"    {broken.strip().replace(chr(10), '; ')}\n    pointer ="
        )
    )
    place.write_project("local", rest=EDITABLE_SOURCE)
    with pytest.raises(BuildError, match="build_editable of its build backend") as caught:
        place.do("sync")
    for text in (str(folder), "about to fail", "RuntimeError: no compiler"):
        assert text in caught.value.problem
    assert place.installed() == {}


def test_a_backend_that_is_not_there_is_an_error(place: Workplace) -> None:
    """The error for a build backend that cannot be imported names the backend."""
    folder = place.write_local("local")
    (folder / "backend" / "in_tree_backend.py").unlink()
    with pytest.raises(BuildError, match="in_tree_backend"):
        place.do("install", editable=[str(folder)])


BACKEND = """
import shutil, zipfile
from pathlib import Path
import lib
def get_requires_for_build_wheel(config_settings=None):
    return ["app"]
def build_wheel(directory, config_settings=None, metadata_directory=None):
    import app
    name = "needy-1.0-py3-none-any.whl"
    info = "needy-1.0.dist-info"
    with zipfile.ZipFile(Path(directory, name), "w") as archive:
        files = {"METADATA": "Metadata-Version: 2.1\\nName: needy\\nVersion: 1.0\\n",
                 "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n"}
        record = ""
        import base64, hashlib
        for path, text in files.items():
            archive.writestr(f"{info}/{path}", text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            record += f"{info}/{path},sha256={digest.decode().rstrip('=')},{len(text)}\\n"
        archive.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\\n")
    return name
"""


def test_a_backend_gets_what_it_requires_from_the_indexes(place: Workplace) -> None:
    """The build requirements in the table and from the hook are installed in a build venv."""
    folder = place.root / "needy"
    (folder / "backend").mkdir(parents=True)
    (folder / "backend" / "own.py").write_text(BACKEND)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["lib", "torch; python_version < \'3\'"]\n'
        'build-backend = "own"\nbackend-path = ["backend"]\n[project]\nname = "needy"\n'
        'version = "1.0"\n'
    )
    place.do("install", requirements=[str(folder)])
    assert place.installed() == {"needy": "1.0"}
    assert place.downloads() == {"app": 1, "lib": 1}


def test_a_wheel_without_a_hash_is_revalidated(tmp_path: Path) -> None:
    """A wheel without a hash on its page is revalidated, and a 304 saves the download."""
    place = make_workplace(
        tmp_path,
        {
            "pypi": {
                "url": PYPI,
                "hashes": "none",
                "headers": {"files": {"cache-control": "no-cache", "etag": '"one"'}},
                "packages": {"app": {"1.0": {}}},
            }
        },
    )
    place.do("install", requirements=["app"])
    assert place.downloads() == {"app": 1}
    shutil.rmtree(place.venv)
    place.do("install", requirements=["app"])
    assert "GET wheel 304" in place.requests()
    assert place.installed() == {"app": "1.0"}
    shutil.rmtree(place.venv)
    place.do("install", requirements=["app"], offline=True)
    assert place.requests() == []
    assert place.installed() == {"app": "1.0"}
