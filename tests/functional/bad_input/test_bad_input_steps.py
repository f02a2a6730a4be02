"""Mistakes in steps, each of which gives a clear error with file, key path and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from .good_scenario import error_of, with_more


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        pytest.param(
            '[[steps]]\ndo = "yank"\nindex = "pypi"\nproject = "filelock"\nversion = "3.19"',
            "s.toml:24: steps[2].version: at this step index 'pypi' has no release '3.19' "
            "of filelock "
            "(did you mean '3.19.1'?)",
            id="yank what is not there",
        ),
        pytest.param(
            '[[steps]]\ndo = "yank"\nindex = "pypi"\nproject = "filelock"\nversion = "3.19.1.0"',
            "s.toml:24: steps[2].version: at this step index 'pypi' has no release "
            "'3.19.1.0' of filelock "
            "(did you mean '3.19.1'?)",
            id="yank what is spelled otherwise",
        ),
        pytest.param(
            '[[steps]]\ndo = "delete"\nindex = "pypi"\nproject = "filelock"\n'
            '[[steps]]\ndo = "replace"\nindex = "pypi"\nproject = "filelock"\nversion = "3.19.1"',
            "s.toml:27: steps[3].project: at this step index 'pypi' has no project 'filelock'",
            id="replace what is gone by then",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexclude-newer = "7 days"',
            "s.toml:22: steps[2].exclude-newer: '7 days' is not a moment such as "
            '2026-08-01T12:00:00Z or "3 days ago"',
            id="a moment that is none",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexclude-newer = 2026-08-01T12:00:00',
            "s.toml:22: steps[2].exclude-newer: 2026-08-01T12:00:00 has no offset from UTC: "
            "write a Z at its end",
            id="a moment without an offset",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nprereleases = "allow"',
            "s.toml:22: steps[2].prereleases: expected a boolean, found the string 'allow'",
            id="pre-releases by a word",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nresolution = "minimal"',
            "s.toml:22: steps[2].resolution: 'minimal' is not one of highest, lowest and "
            "lowest-direct",
            id="an unknown resolution",
        ),
        pytest.param(
            '[[steps]]\ndo = "go-down"\nindex = "pypy"',
            "s.toml:22: steps[2].index: unknown index 'pypy' (did you mean 'pypi'?)",
            id="a step of an unknown index",
        ),
        pytest.param(
            '[[steps]]\ndo = "publish"\nindex = "pypi"\nproject = "filelock"\nversion = "3.19.1"',
            "s.toml:20: steps[2]: 'filelock-3.19.1-py3-none-any.whl' already exists "
            '(to have other bytes, do = "replace")',
            id="publish what is there",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nextras = ["cpu"]',
            "s.toml:22: steps[2].extras[1]: unknown extra 'cpu' (the scenario has no extra)",
            id="unknown extra",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\ngroups = ["dev"]',
            "s.toml:22: steps[2].groups[1]: unknown group 'dev' (the scenario has no group)",
            id="unknown group",
        ),
        pytest.param(
            '[[steps]]\ndo = "remove"\nprojects = ["torch"]\noptional = "cpu"',
            "s.toml:23: steps[2].optional: unknown extra 'cpu' (the scenario has no extra)",
            id="removal from an unknown extra",
        ),
        pytest.param(
            '[[steps]]\ndo = "add"\nrequirements = ["torch"]\noptional = "cpu"\ngroup = "dev"',
            "s.toml:24: steps[2].group: only one of optional and group can be given",
            id="addition to two places",
        ),
        pytest.param(
            '[[steps]]\ndo = "add"\nrequirements = ["mine"]\neditable = "mine"',
            "s.toml:23: steps[2].editable: no local project is in 'mine'",
            id="unknown local project",
        ),
        pytest.param(
            '[[steps]]\ndo = "uninstall"\nprojects = ["toch"]',
            "s.toml:22: steps[2].projects[1]: unknown project 'toch' (did you mean 'torch'?)",
            id="removal of an unknown project",
        ),
        pytest.param(
            '[[steps]]\ndo = "install"\nrequirements = ["torch"]\nextra-indexes = ["nvidia"]',
            "s.toml:23: steps[2].extra-indexes[1]: unknown index 'nvidia' (known: pypi, pytorch)",
            id="installation from an unknown index",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexpect = { requests-to = { pypy = { page = 1 } } }',
            "s.toml:22: steps[2].expect.requests-to.pypy: unknown index 'pypy' "
            "(did you mean 'pypi'?)",
            id="expectation about an unknown index",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexpect = { installed = { torch = "2.8.0" } }',
            "s.toml:22: steps[2].expect.installed.torch: torch has no release '2.8.0' "
            "(did you mean '2.8.0+cpu'?)",
            id="expectation about a release that no index has",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexpect = { downloads = { "torch-*-none-win.whl" = 1 } }',
            's.toml:22: steps[2].expect.downloads."torch-*-none-win.whl": unknown file '
            "'torch-*-none-win.whl' (did you mean 'torch-2.8.0+cpu-py3-none-any.whl'?)",
            id="expectation about a file that no index has",
        ),
        pytest.param(
            '[[steps]]\ndo = "fail"\nindex = "pypi"\nhow = "cut"\nstatus = 503',
            's.toml:24: steps[2].status: this key is for how = "status", and here it is "cut"',
            id="an option of another fault",
        ),
        pytest.param(
            '[[steps]]\ndo = "purge"\nindex = "pypi"',
            "s.toml:22: steps[2].index: index 'pypi' has no edge "
            "(give it a table [indexes.pypi.edge], which may be empty)",
            id="a purge of no edge",
        ),
        pytest.param(
            '[[steps]]\ndo = "warm"\nindex = "pypy"\nproject = "torhc"',
            "s.toml:22: steps[2].index: unknown index 'pypy' (did you mean 'pypi'?)\n"
            "s.toml:23: steps[2].project: unknown project 'torhc' (did you mean 'torch'?)",
            id="others who ask an unknown index for an unknown project",
        ),
        pytest.param(
            '[[steps]]\ndo = "warm"\nindex = "pypi"',
            "s.toml:20: steps[2].project: this key is required, but missing",
            id="others who ask for no project",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexpect = { past-edge = { page = 1 } }',
            "s.toml:22: steps[2].expect.past-edge: no index has an edge that requests could go "
            "past (give an index a table `edge`, or expect requests)",
            id="requests that go past no edge",
        ),
        pytest.param(
            '[[steps]]\ndo = "damage"\nentries = "**.whl"\nhow = "remove"',
            "s.toml:22: steps[2].entries: '**.whl' is not a pattern of files "
            "(** must stand alone between slashes: **/*.whl)",
            id="a pattern that cannot be looked for",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nfrozen = true\nlocked = true',
            "s.toml:23: steps[2].locked: only one of frozen and locked can be given "
            "(frozen does not check whether the lockfile is up to date)",
            id="frozen and locked",
        ),
        pytest.param(
            '[[steps]]\ndo = "lock"\nfolder = "empty"\nlocked = true',
            "s.toml:23: steps[2].locked: no earlier step writes a lockfile that could be used "
            '(put a step with do = "lock" before it)',
            id="a check of no lockfile",
        ),
        pytest.param(
            '[[steps]]\ndo = "install"\nrequirements-files = ["missing.txt"]',
            "s.toml:22: steps[2].requirements-files[1]: there is no file 'project/missing.txt' "
            'at this step (write it with do = "compile", or give it in [files])',
            id="a requirements file that is not there",
        ),
        pytest.param(
            '[[steps]]\ndo = "install"\nrequirements-files = ["../up.txt"]',
            "s.toml:22: steps[2].requirements-files[1]: '../up.txt' leaves the workspace",
            id="a requirements file elsewhere",
        ),
        pytest.param(
            '[[steps]]\ndo = "install"\nrequirements = ["torch"]\n'
            'config-settings = { a = "--global-option=x" }',
            "s.toml:23: steps[2].config-settings.a: '--global-option=x' is not a name: letters, "
            "digits, '.', '_' and '-', a letter or digit first",
            id="a setting of a build that is an option",
        ),
        pytest.param(
            '[[steps]]\ndo = "lock"\nexpect.locked.torch.files = ["torch"]',
            "s.toml:22: steps[2].expect.locked.torch.files[1]: 'torch' is not the name of a wheel "
            "or an sdist, nor a pattern such as *.whl",
            id="a project where files are named",
        ),
        pytest.param(
            '[[steps]]\ndo = "lock"\nexpect.locked.torch.files = ["torch-2.8.0+cpu-cp3.whl"]',
            "s.toml:22: steps[2].expect.locked.torch.files[1]: unknown file "
            "'torch-2.8.0+cpu-cp3.whl' (did you mean 'torch-2.8.0+cpu-py3-none-any.whl'?)",
            id="a file that no index has",
        ),
        pytest.param(
            '[[steps]]\ndo = "lock"\nexpect.locked.torch.hashes = ["sha255"]',
            "s.toml:22: steps[2].expect.locked.torch.hashes[1]: 'sha255' is neither an algorithm "
            "such as sha256, nor a hash such as sha256:0123abcd",
            id="an unknown algorithm of a hash",
        ),
        pytest.param(
            '[[steps]]\ndo = "lock"\nexpect.fields.page.user-agent = "uv*"',
            "s.toml:22: steps[2].expect.fields.page.user-agent: the value of user-agent is not "
            "compared: it depends on the installer or the user (set true if it is to be sent, or "
            "false)",
            id="the value of a field that says who asks",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexpect.venv-files."lib/**six.py" = true',
            "s.toml:22: steps[2].expect.venv-files.\"lib/**six.py\": 'lib/**six.py' is not a "
            "pattern of files (** must stand alone between slashes: **/*.whl)",
            id="a pattern of files that cannot be looked for",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexpect.venv-files."../x" = true',
            "s.toml:22: steps[2].expect.venv-files.\"../x\": '../x' leaves the workspace",
            id="a file outside of the venv",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexpect.cached.wheels = 1',
            "s.toml:22: steps[2].expect.cached.wheels: 'wheels' is not one of page, metadata, "
            "wheel and unpacked (did you mean 'wheel'?)",
            id="a kind of entries of the cache that there is not",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexpect.cached.wheel = "few"',
            "s.toml:22: steps[2].expect.cached.wheel: 'few' is not a count: give a number, "
            '"any", or a comparison such as "<= 2"',
            id="a count of the cache that is none",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexpect.cached.wheel.torhc = 1',
            "s.toml:22: steps[2].expect.cached.wheel.torhc: unknown project 'torhc' (did you mean "
            "'torch'?)",
            id="a project of the cache that is nowhere",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\nexpect.cache-bytes = "<= 1 Mib/s"',
            "s.toml:22: steps[2].expect.cache-bytes: ' 1 Mib/s' is not a size such as "
            '"175.4 MiB"',
            id="a size of the cache that is none",
        ),
        pytest.param(
            '[[steps]]\ndo = "damage"\nhow = "zero"',
            's.toml:20: steps[2]: nothing is damaged (set what = "page", "metadata", '
            '"wheel" or "unpacked", or give entries)',
            id="damage of nothing",
        ),
        pytest.param(
            '[[steps]]\ndo = "damage"\nwhat = "page"\nentries = "*"\nhow = "zero"',
            "s.toml:23: steps[2].entries: only one of what and entries can be given",
            id="damage by meaning and by path",
        ),
        pytest.param(
            '[[steps]]\ndo = "damage"\nwhat = "page"\nproject = "torhc"\nhow = "garbage"',
            "s.toml:23: steps[2].project: unknown project 'torhc' (did you mean 'torch'?)",
            id="damage of a project that is nowhere",
        ),
        pytest.param(
            '[[steps]]\ndo = "lock"\nexpect.lockfile = "same"',
            "s.toml:22: steps[2].expect.lockfile: 'same' is not one of unchanged and changed",
            id="an unknown change of the lockfile",
        ),
        pytest.param(
            '[[steps]]\ndo = "install"\nrequirements = ["torch"]\nfind-links = ["wheels"]',
            "s.toml:23: steps[2].find-links[1]: 'wheels' is neither a flat index nor a folder "
            "with files",
            id="find-links that are not there",
        ),
        pytest.param(
            '[[steps]]\ncommand = { uv = "uv sync && rm -rf x" }',
            "s.toml:21: steps[2].command.uv: no shell reads the command, so '&&' has no effect "
            "here: give each command a step of its own, and test its output with "
            "expect.output",
            id="a command for a shell",
        ),
        pytest.param(
            '[[steps]]\ndo = "edit"\nfiles = { "a/../../b" = "" }',
            "s.toml:22: steps[2].files.\"a/../../b\": 'a/../../b' leaves the workspace",
            id="a file outside the workspace",
        ),
        pytest.param(
            '[[steps]]\ndo = "fail"\nindex = "pypi"\nhow = "reset"\nafter = "9 B"',
            's.toml:24: steps[2].after: this key is for how = "cut" or "slow", and here it is '
            '"reset"',
            id="bytes of a fault that has no body",
        ),
        pytest.param(
            '[[steps]]\ntogether = [{ do = "sync", times = 3 }, { do = "yank" }]',
            "s.toml:21: steps[2].together[2].do: 'yank' is not a verb for which an installer is "
            "started (put it in a step of its own, before or after these)",
            id="a change of an index at once with others",
        ),
        pytest.param(
            '[[steps]]\ntogether = [{ do = "sync", times = 3, grups = ["dev"] }]',
            "s.toml:21: steps[2].together[1].grups: unknown key (did you mean 'groups'?)",
            id="a misspelt key of one of several steps",
        ),
        pytest.param(
            '[[steps]]\ntogether = [{ do = "sync" }]',
            "s.toml:21: steps[2].together: together needs more than one step (give further steps, "
            "or let this one begin several times: times = 4)",
            id="one step alone together",
        ),
        pytest.param(
            '[[steps]]\ndo = "sync"\ntimes = 2',
            "s.toml:22: steps[2].times: times is for steps that begin together (put the step into "
            "the array of a step that has `together`)",
            id="a step alone that begins twice",
        ),
        pytest.param(
            '[[steps]]\ntogether = [{ do = "sync", times = 2, expect = { downloads = {} } }]',
            "s.toml:21: steps[2].together[1].expect.downloads: downloads are counted for all "
            "steps that begin together (expect them of the step that has `together`)",
            id="downloads of one of several steps",
        ),
        pytest.param(
            '[[steps]]\ntogether = [{ do = "sync", times = 2, groups = ["dev"] }]',
            "s.toml:21: steps[2].together[1].groups[1]: unknown group 'dev' (the scenario has no "
            "group)",
            id="an unknown name in one of several steps",
        ),
    ],
)
def test_one_mistake_in_a_step(tmp_path: Path, steps: str, message: str) -> None:
    """A step that is impossible, or that names something undefined, is refused with its line."""
    assert error_of(tmp_path, with_more(steps)) == message
