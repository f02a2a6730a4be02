"""Forbidden files, which run code or leave the workspace, and permitted files of real reports."""

from __future__ import annotations

import pytest

from pytest_indexcache.scenario import loads

from .checked_files import HEAD, USES, problems, quoted

PROJECTS = [
    ('[build-system]\nrequires = []\nbackend-path = ["."]', "build-system.backend-path[1]: '.' is"),
    ('[build-system]\nbuild-backend = "os"', "build-system.build-backend: 'os' is not one of"),
    ('[build-system]\nbuild-backend = "setuptools.build_meta:__legacy__"', "is not one of"),
    (
        '[build-system]\nrequires = ["x @ file:///abs"]',
        "build-system.requires[1]: 'x @ file:///abs'",
    ),
    ('[build-system]\nbuild-frontend = "x"', "build-system.build-frontend: not a key that a scen"),
    ('[project]\nname = "../x"', "project.name: '../x' is not a name"),
    ('[project]\nversion = "1/../../x"', "project.version: '1/../../x' is not a version"),
    ('[project]\nreadme = "/etc/passwd"', "project.readme: '/etc/passwd' is not a path within"),
    ('[project]\nreadme = { file = "../../x.md" }', "project.readme.file: '../../x.md' is not a"),
    ('[project]\nlicense = { file = "/etc/passwd" }', "project.license.file"),
    ('[project]\nlicense-files = ["../../*"]', "project.license-files[1]: '../../*' is not a patt"),
    ('[project]\ndependencies = ["x @ file:///abs"]', "project.dependencies[1]"),
    ('[project]\ndependencies = ["x @ git+git://127.0.0.1/x"]', "project.dependencies[1]"),
    ('[project]\ndependencies = ["x @ git+https://a.example/x"]', "project.dependencies[1]"),
    ('[project]\ndependencies = ["x @ https://b.example/x.whl"]', "is at 'b.example' (they are"),
    ('[project]\ndependencies = ["x @ http://a.example/x.whl"]', "no index of the scenario is at"),
    ('[project]\ndependencies = ["x @ ../../x"]', "project.dependencies[1]: 'x @ ../../x' is not"),
    ('[project]\ndependencies = ["x @ file:///${PROJECT_ROOT}/../../x"]', "project.dependencies"),
    (
        '[project]\ndependencies = ["x @ file:///${PROJECT_ROOT}/../abs/x"]',
        "has '..': an installer",
    ),
    ("[tool.uv]\nfind-links = ['file:///${PROJECT_ROOT}/../abs']", "find-links[1]: 'file:///${PRO"),
    ('[project]\ndependencies = ["x @ file:///${HOME}/x"]', "project.dependencies[1]"),
    ('[project]\ndependencies = ["x @ https://a.example/${HOME}.whl"]', "project.dependencies[1]"),
    ('[project]\ndependencies = "x @ file:///abs"', "project.dependencies: is the string"),
    ('[project.optional-dependencies]\na = ["x @ file:///abs"]', "project.optional-dependencies.a"),
    ('[project.scripts]\npython = "six:main"', "project.scripts.python: not a key"),
    ('[project.scripts]\n"../x" = "six:main"', 'project.scripts."../x": not a key'),
    ('[project.scripts]\nx = "os:abort"', "project.scripts.x: 'os:abort' is not module:function"),
    ('[project]\nname = "os"\n[project.scripts]\nx = "os:abort"', "'os:abort' is not module"),
    ('[project.gui-scripts]\nx = "http.server:test"', "project.gui-scripts.x"),
    ('[project.entry-points.pdm]\nx = "six:x"', "entry-points.pdm: is not allowed: plugins run"),
    ('[project.entry-points."poetry.plugin"]\nx = "six:x"', "is not allowed: plugins run in Poet"),
    ('[project.entry-points.x]\nx = "os:abort"', "entry-points.x.x: 'os:abort' is not module:fun"),
    ("[tool.uv]\ncache-keys = [{ git = true }]", "cache-keys[1].git: is not allowed"),
    ('[project]\nlicense = { text = "a\\rRequires-Dist: x" }', "license.text: is more than one"),
    (
        '[project]\ndependencies = ["git+https://a.example/x"]',
        "names a repository, which cannot be",
    ),
    ('[[tool.uv.index]]\nurl = "https://u:${T}@a.example/x"', "has a variable: write the URL in"),
    ('[project]\ndependencies = ["x===/../../x"]', "project.dependencies[1]: 'x===/../../x' is no"),
    (
        """[project]\ndependencies = ["x; sys_platform == 'a\\\\x22'"]""",
        "project.dependencies[1]: ",
    ),
    (
        "[tool.poetry.dependencies]\n'x @ file:/abs' = '*'",
        'dependencies."x @ file:/abs": not a',
    ),
    ("[project.entry-points.console_scripts]\nx = 'six:x'", "is not allowed: use scripts instead"),
    ("[tool.poetry.plugins.x]\n'/abs' = 'six:x'", 'plugins.x."/abs": not a key'),
    (
        "[tool.setuptools.dynamic]\ndependencies = { file = 'deps.md' }",
        "file: 'deps.md'",
    ),
    ('[dependency-groups]\na = ["x @ file:///abs"]', "dependency-groups.a[1]"),
    ('[tool.uv]\ncache-dir = "/abs"', "tool.uv.cache-dir: '/abs' is not a folder within"),
    ('[tool.uv]\nindex-url = "https://b.example/simple"', "tool.uv.index-url: no index of the"),
    ('[tool.uv]\nfind-links = ["/abs"]', "tool.uv.find-links[1]"),
    ('[tool.uv]\nfind-links = ["file:///abs"]', "tool.uv.find-links[1]"),
    ('[tool.uv]\nkeyring-provider = "subprocess"', "tool.uv.keyring-provider"),
    ('[tool.uv]\nhttp-proxy = "http://127.0.0.1:1"', "tool.uv.http-proxy: is not allowed"),
    ('[tool.uv]\nno-proxy = ["*"]', "tool.uv.no-proxy: is not allowed: uv would leave"),
    ('[tool.uv]\npython-install-mirror = "file:///abs"', "tool.uv.python-install-mirror"),
    ('[tool.uv]\nextra-build-variables = { x = { PYTHONSTARTUP = "x" } }', "extra-build-variables"),
    ('[tool.uv]\nconfig-settings = { "--build-option" = "--x=/abs" }', "tool.uv.config-settings"),
    ('[tool.uv]\noverride-dependencies = ["x @ file:///abs"]', "tool.uv.override-dependencies[1]"),
    ('[tool.uv]\ndev-dependencies = ["x @ file:///abs"]', "tool.uv.dev-dependencies[1]"),
    ('[[tool.uv.index]]\nurl = "https://b.example/"', "tool.uv.index[1].url: no index of the"),
    ('[[tool.uv.index]]\nurl = "/abs"', "tool.uv.index[1].url: '/abs' is not"),
    ('[[tool.uv.index]]\nurl = "file:///abs"', "tool.uv.index[1].url"),
    ('[[tool.uv.index]]\nurl = "https://a.example@b.example/"', "is at 'b.example'"),
    (
        '[[tool.uv.dependency-metadata]]\nname = "x"\nrequires-dist = ["x @ file:///abs"]',
        "metadata",
    ),
    ('[tool.uv.pip]\ntarget = "/abs"', "tool.uv.pip.target: is not allowed: it leads out"),
    ('[tool.uv.pip]\nprefix = "x"', "tool.uv.pip.prefix: is not allowed"),
    ("[tool.uv.pip]\nsystem = true", "tool.uv.pip.system: is not allowed"),
    ('[tool.uv.pip]\npython = ".venv"', "tool.uv.pip.python: is not allowed: set venv in"),
    ('[tool.uv.pip]\noutput-file = "/abs.txt"', "tool.uv.pip.output-file"),
    ('[tool.uv.pip]\ncustom-compile-command = "x"', "tool.uv.pip.custom-compile-command"),
    ('[tool.uv.sources]\nx = { path = "/abs" }', "tool.uv.sources.x.path: '/abs' is not a path"),
    ('[tool.uv.sources]\nx = { path = "../../x" }', "tool.uv.sources.x.path"),
    ('[tool.uv.sources]\nx = [{ path = "~/x" }]', "tool.uv.sources.x[1].path"),
    ('[tool.uv.sources]\nx = { url = "https://b.example/x.whl" }', "tool.uv.sources.x.url"),
    ('[tool.uv.sources]\nx = { url = "https://a.example/x.zip", subdirectory = "../x" }', "'../x'"),
    (
        '[tool.uv.sources]\nx = { git = "https://a.example/x" }',
        "x.git: is not allowed: git can reach",
    ),
    ('[tool.uv.workspace]\nmembers = ["../../*"]', "tool.uv.workspace.members[1]"),
    ('[tool.uv.workspace]\nmembers = ["/abs/*"]', "tool.uv.workspace.members[1]"),
    ('[tool.uv]\ncache-keys = [{ file = "/abs/*" }]', "tool.uv.cache-keys[1].file"),
    ('[tool.uv.build-backend]\nmodule-root = "../../x"', "tool.uv.build-backend.module-root"),
    ('[tool.uv.build-backend]\ndata = { scripts = "x" }', "tool.uv.build-backend.data"),
    ("[tool.uv]\nfrobnicate = true", "tool.uv.frobnicate: not a key that a scenario's file may"),
    ("[tool.poetry.requires-plugins]\na = '*'", "tool.poetry.requires-plugins: is not allowed"),
    ("[tool.poetry.plugins.x]\na = 'os:x'", "tool.poetry.plugins.x.a: 'os:x' is not module"),
    ("[tool.poetry.plugins.'poetry.plugin']\na = 'six:x'", "is not allowed: plugins run in Poetry"),
    ("[tool.poetry.build]\nscript = 'a.py'", "tool.poetry.build: is not allowed"),
    ("[tool.poetry]\nbuild = 'a.py'", "tool.poetry.build: is not allowed"),
    ("[tool.poetry.scripts]\npython3 = 'six:main'", "tool.poetry.scripts.python3"),
    (
        "[tool.poetry.scripts]\nx = { reference = 'x', type = 'file' }",
        "tool.poetry.scripts.x: is a",
    ),
    ("[tool.poetry.dependencies]\nx = { path = '/abs' }", "tool.poetry.dependencies.x.path"),
    ("[tool.poetry.dependencies]\nx = [{ file = '/abs' }]", "tool.poetry.dependencies.x[1].file"),
    ("[tool.poetry.dependencies]\nx = { git = '/abs' }", "tool.poetry.dependencies.x.git"),
    ("[tool.poetry.group.dev.dependencies]\nx = { url = 'https://b.example/x' }", "is at 'b.exam"),
    ("[[tool.poetry.source]]\nname = 'x'\nurl = 'https://b.example/'", "tool.poetry.source[1].url"),
    ("[[tool.poetry.packages]]\ninclude = 'x'\nfrom = '/abs'", "tool.poetry.packages[1].from"),
    ("[tool.poetry]\ninclude = ['/etc/*']", "tool.poetry.include[1]"),
    ("[tool.pdm]\nplugins = []", "tool.pdm.plugins: is not allowed: plugins run in PDM itself"),
    ('[tool.pdm.scripts]\npost_install = "evil"', "tool.pdm.scripts: is not allowed"),
    ("[tool.pdm.build]\ncustom-hook = 'x.py'", "tool.pdm.build: is not allowed"),
    ("[tool.pdm.options]\ninstall = ['--venv', 'x']", "tool.pdm.options: is not allowed"),
    ("[tool.pdm.version]\nsource = 'call'\ngetter = 'os:getcwd'", "tool.pdm.version: is not all"),
    ("[tool.pdm.dev-dependencies]\nx = ['-e file:///abs#egg=x']", "tool.pdm.dev-dependencies.x[1]"),
    ("[tool.pdm.resolution.overrides]\nx = 'https://b.example/x'", "overrides.x: no index of the"),
    ("[[tool.pdm.source]]\nurl = 'https://b.example/'", "tool.pdm.source[1].url"),
    ("[[tool.pdm.source]]\nurl = 'file:///abs'\ntype = 'find_links'", "tool.pdm.source[1].url"),
    ("[[tool.pdm.source]]\nurl = '${HOME}'", "tool.pdm.source[1].url"),
    ("[[tool.pdm.source]]\nurl = 'https://${X}@a.example'", "tool.pdm.source[1].url"),
    ("[tool.indexcache.sources]\nx = { path = '/abs' }", "tool.indexcache.sources.x.path"),
    ("[[tool.indexcache.indexes]]\nurl = '/abs'", "tool.indexcache.indexes[1].url"),
    ("[tool.setuptools]\ncmdclass = { build = 'six.x' }", "tool.setuptools.cmdclass: not a key"),
    ("[tool.setuptools.dynamic]\nversion = { attr = 'six.x' }", "attr: 'six.x' is not module.n"),
    ("[tool.setuptools.dynamic]\nversion = { attr = 'os.x' }", "attr: 'os.x' is not module.name"),
    ("[tool.setuptools.dynamic]\nversion = { file = '/etc/hostname' }", "dynamic.version.file"),
    ("[tool.hatch.build.hooks.custom]\npath = 'x'", "tool.hatch.build.hooks: not a key"),
    ("[tool.hatch.version]\nsource = 'code'", "tool.hatch.version.source: 'code' is not regex"),
    (
        "[tool.distutils]\nx = 1",
        "tool.distutils: is not allowed: its settings name folders to write to",
    ),
    ("[tool", "the text is not TOML"),
    ('[project]\nname = "a"\nx = {\n a = 1,\n}', "the text is not TOML"),
]
"""Project files that are refused, with part of the message."""

OTHERS = [
    ("project/setup.sh", "", "of a kind that might be run"),
    ("project/setup.cfg", "", "of a kind that might be run"),
    ("project/app.so", "", "of a kind that might be run"),
    ("project/evil.pth", "", "of a kind that might be run"),
    ("project/pip.conf", "", "of a kind that might be run"),
    (
        "project/pdm.lock",
        '[[package]]\nfiles = [{ hash = "sha256:a -e /x" }]',
        "is not an algorithm",
    ),
    (
        "uv.lock",
        '[[package]]\nsdist = { hash = "sha256:a #" }',
        "hash: 'sha256:a #' is not an algori",
    ),
    ("pylock.toml", '[[packages]]\nsdist.hashes = { sha256 = "a -e /x" }', "is not a digest"),
    (
        "project/pdm.lock",
        '[[package]]\nfiles = [{ hash = "a\\nx" }]',
        "has a line break or another",
    ),
    (
        "project/r.txt",
        "https://a.example/%2Fabs%2Fsix-1.0-py3-none-any.whl",
        "is not a requirement",
    ),
    (
        "project/r.txt",
        "https://a.example/%252Fabs/six-1.0-py3-none-any.whl",
        "is not a requirement",
    ),
    ("v/pyvenv.cfg/a.md", "", "part of what is installed: 'pyvenv.cfg'"),
    ("x/hatch.toml", "", "no installer reads a TOML file of that name"),
    ("x/Settings.toml", "", "a file of TOML may be pyproject.toml, uv.toml"),
    ("v/bin/a.md", "", "part of what is installed: 'bin'"),
    (
        "project/notes.md",
        "a\rRequires-Dist: x",
        "has a control character that some installers read",
    ),
    ("project/script", "", "of a kind that might be run"),
    ("project/.env", "", "hidden: '.env'"),
    (".netrc", "", "hidden: '.netrc'"),
    (".home/.config/uv/uv.toml", "", "hidden: '.home'"),
    ("project/.pdm.toml", "", "hidden: '.pdm.toml'"),
    ("project/.venv/a.txt", "", "hidden: '.venv'"),
    ("x/lib/python3.12/site-packages/a.txt", "", "part of what is installed: 'site-packages'"),
    ("x/A.DIST-INFO/entry_points.txt", "", "part of what is installed: 'A.DIST-INFO'"),
    ("project/six.egg-info/entry_points.txt", "", "part of what is installed"),
    (
        "project/.python-version",
        "/usr/bin/python3\n",
        "line 1: '/usr/bin/python3' is not a version",
    ),
    ("project/.python-version", "3.12\n../../bin/x\n", "line 2: '../../bin/x' is not a version"),
    ("project/PyProject.toml", '[tool.uv]\nno-proxy = ["*"]', "tool.uv.no-proxy: is not allowed"),
    ("lib/pyproject.toml", '[project]\nreadme = "../../x"', "project.readme"),
    ("pyproject.toml", '[tool.uv.sources]\nx = { path = "../x" }', "tool.uv.sources.x.path"),
    ("project/uv.toml", 'cache-dir = "/abs"', "cache-dir: '/abs' is not a folder within"),
    ("project/uv.toml", '[pip]\ntarget = "/abs"', "pip.target: is not allowed"),
    ("uv.toml", 'cache-dir = "../x"', "cache-dir: '../x' is not a folder within"),
    ("project/poetry.toml", '[virtualenvs]\npath = "/abs"', "virtualenvs.path: is not allowed"),
    ("project/poetry.toml", 'cache-dir = "/abs"', "cache-dir: '/abs' is not"),
    ("project/poetry.toml", "[virtualenvs]\ncreate = 0", "virtualenvs.create: '0' is not true"),
    ("project/poetry.toml", "[virtualenvs]\nprompt = 'a\"'", "virtualenvs.prompt: 'a\"' is not"),
    ("project/uv.toml", "cache-dir = 'a/../b'", "cache-dir: 'a/../b' is not a folder within"),
    (
        "project/poetry.lock",
        "[[package]]\n[package.extras]\nx = ['x @ file:///abs']",
        "package[1].extras.x[1]: 'x @ file:///abs' is not a requirement",
    ),
    ("project/poetry.toml", '"virtualenvs.path" = "/abs"', '"virtualenvs.path": not a key'),
    ("project/poetry.toml", "system-git-client = true", "system-git-client: is not allowed"),
    ("project/poetry.toml", "[certificates.x]\ncert = '/abs'", "certificates: is not allowed"),
    ("project/poetry.toml", "[repositories.x]\nurl = '/abs'", "repositories.x.url"),
    ("project/pdm.toml", 'log_dir = "x"', "log_dir: is not allowed: it leads out"),
    ("project/pdm.toml", '[venv]\nlocation = "/abs"', "venv.location: is not allowed"),
    ("project/pdm.toml", '[venv]\nbackend = "conda"', "venv.backend: is not allowed"),
    ("project/pdm.toml", "use_uv = true", "use_uv: is not allowed: PDM would start a uv"),
    (
        "project/pdm.toml",
        '[pypi]\nurl = "https://b.example/"',
        "pypi.url: no index of the scenario",
    ),
    ("project/pdm.toml", '[pypi.x]\nurl = "file:///abs"', "pypi.x.url"),
    ("project/pdm.toml", "[hooks]\nx = 'x'", "hooks: is not allowed"),
    (
        "project/uv.lock",
        '[[package]]\nsource = { directory = "/abs" }',
        "package[1].source.directory",
    ),
    (
        "project/uv.lock",
        '[[package]]\nsource = { editable = "../../x" }',
        "package[1].source.editable",
    ),
    (
        "project/uv.lock",
        '[[package]]\nsource = { git = "https://a.example/x" }',
        "source.git: is not",
    ),
    ("project/uv.lock", '[[package]]\nsource = "git+https://a.example/x"', "package[1].source"),
    ("project/uv.lock", '[[package]]\nsource = { registry = "https://b.example/" }', "'b.example'"),
    (
        "project/uv.lock",
        '[[package]]\nwheels = [{ url = "file:///abs" }]',
        "package[1].wheels[1].url",
    ),
    ("project/uv.lock", '[[package]]\nwheels = [{ path = "/abs" }]', "package[1].wheels[1].path"),
    ("project/uv.lock", '[[package]]\nname = "../x"', "package[1].name"),
    (
        "project/poetry.lock",
        "[[package]]\n[package.source]\ntype = 'git'\nurl = 'x'",
        "source.type",
    ),
    ("project/poetry.lock", "[[package]]\n[package.source]\nurl = '/abs'", "package[1].source.url"),
    ("project/poetry.lock", "[[package]]\nfiles = [{ file = '../x' }]", "package[1].files[1].file"),
    ("project/pdm.lock", "[[package]]\npath = '/abs'", "package[1].path"),
    ("project/pdm.lock", "[[package]]\nurl = 'file:///abs'", "package[1].url"),
    ("project/other.lock", "[[package]]\ngit = 'https://a.example'", "package[1].git: is not"),
    ("project/pylock.toml", "[[packages]]\ndirectory = { path = '/abs' }", "packages[1].directory"),
    ("project/pylock.x.toml", "[[packages]]\nvcs = { url = 'x' }", "packages[1].vcs: is not"),
    (
        "project/pylock.toml",
        "[[packages]]\narchive = { url = 'https://b.example/x' }",
        "'b.example'",
    ),
]
"""Refused files by name, with part of the message."""


@pytest.mark.parametrize("in_edit", [False, True])
@pytest.mark.parametrize(("text", "reason"), PROJECTS)
def test_project_file_is_refused_with_its_reason(text: str, reason: str, in_edit: bool) -> None:
    """A project key that would run code or leave the workspace is refused with its key path."""
    for name in ("uv", "project/pyproject.toml"):
        assert reason in problems(name, text, in_edit=in_edit)


@pytest.mark.parametrize("in_edit", [False, True])
@pytest.mark.parametrize(("name", "text", "reason"), OTHERS)
def test_file_is_refused_with_its_reason(name: str, text: str, reason: str, in_edit: bool) -> None:
    """A dangerous settings file, lockfile or script is refused, even if a later edit writes it."""
    assert reason in problems(name, text, in_edit=in_edit)


@pytest.mark.parametrize(
    "name", ["project/app/__init__.py", "project/setup.py", "sitecustomize.py"]
)
def test_code_of_a_module_is_refused(name: str) -> None:
    """A Python module of a scenario may contain only constants, whatever its name is."""
    assert "line 1: code is not allowed: 'import os'" in problems(name, "import os")


def test_project_may_have_its_version_in_a_module() -> None:
    """A module with constants is allowed, and project settings may refer to it."""
    project = """[project]
name = "app"
dynamic = ["version"]
[project.entry-points."app.plugins"]
first = "core:main"
[tool.setuptools.dynamic]
version = { attr = "core.__version__" }
[tool.hatch.version]
path = "src/core/__init__.py"
pattern = '^__version__ = "(.+)"'
"""
    module = (
        '"""The core, with \\d."""\n# -*- coding: utf-8 -*-\n__version__ = VERSION = "1.0"\npass\n'
    )
    files = f"{quoted('project/src/core/__init__.py')} = {quoted(module)}\n"
    loads(f"{HEAD}{USES}[files]\n{files}[project-files]\nuv = {quoted(project)}\n")
