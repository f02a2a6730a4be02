"""Mistakes in tables and values, each of which gives a clear error with file, key path and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from .good_scenario import changed, error_of

PROFILES = (
    "artifact-keeper, artifactory, azure, bandersnatch, codeartifact, devpi, gitlab, nexus, none, "
    "nvidia, piwheels, proxpi, pulp, pypi, pypiserver, pytorch, pytorch-2026-07, "
    "pytorch-without-cache-control, simple-repository-server"
)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            'headers = "pytorch"',
            'haeders = "pytorch"',
            "s.toml:5: indexes.pytorch.haeders: unknown key (did you mean 'headers'?)",
            id="unknown key",
        ),
        pytest.param(
            'headers = "pytorch"',
            "zzz = 1",
            "s.toml:5: indexes.pytorch.zzz: unknown key (known keys: anonymous-redirect, "
            "answers, default, edge, files-url, flat, formats, gzip, hashes, head, headers, hrefs, "
            "metadata, packages, pages, ranges, server, signed-urls, unknown-redirect, "
            "unknown-status, upstream, url, users)",
            id="unknown key that is near to none",
        ),
        pytest.param(
            "[sources]",
            '[access.pypy]\nuser = "me"\n[sources]',
            "s.toml:14: access.pypy: unknown index 'pypy' (did you mean 'pypi'?)",
            id="access to an unknown index",
        ),
        pytest.param(
            "[sources]",
            '[access.pypi]\npassword = "x"\n[sources]',
            "s.toml:15: access.pypi.password: a password needs a `user`",
            id="a password of nobody",
        ),
        pytest.param(
            "[sources]",
            '[access.pypi]\nuser = "me"\npassword = "a b"\n[sources]',
            "s.toml:16: access.pypi.password: 'a b' is not a password of visible ASCII without "
            "quotation marks, backslashes, '#' or '$'",
            id="a password that a file could not hold",
        ),
        pytest.param(
            "[sources]",
            "[access.pypi]\nnetrc = true\n[sources]",
            "s.toml:15: access.pypi.netrc: a netrc file needs a user and a password without "
            "spaces or quotes (give `user` and `password`)",
            id="nobody in a netrc file",
        ),
        pytest.param(
            'dependencies = ["torch"]',
            'dependencies = ["torch"]\nindexes = ["pypi", "mirror"]',
            "s.toml:14: project.indexes[2]: unknown index 'mirror' (known: pypi, pytorch)",
            id="an unknown index of the project",
        ),
        pytest.param(
            "expect = { downloads = {} }",
            "expect = { download = {} }",
            "s.toml:22: steps[2].expect.download: unknown key (did you mean 'downloads'?)",
            id="unknown key inside a step",
        ),
        pytest.param(
            'requires = ["filelock"]',
            'headers = { file = { cache-control = "no-store" } }',
            's.toml:7: indexes.pytorch.packages.torch."2.8.0+cpu".headers.file: unknown key '
            "(did you mean 'files'?)",
            id="unknown key deep inside",
        ),
        pytest.param(
            '[project]\ndependencies = ["torch"]',
            '[project]\nrequires_python = ">=3.11"',
            "s.toml:13: project.requires_python: unknown key (did you mean 'requires-python'?)",
            id="underscore instead of hyphen",
        ),
        pytest.param(
            'do = "sync"\nexpect = { downloads = {} }',
            'do = "snyc"\nexpect = { downloads = {} }',
            "s.toml:21: steps[2].do: unknown verb 'snyc' (did you mean 'sync'?)",
            id="unknown verb",
        ),
        pytest.param(
            'do = "sync"\nexpect = { downloads = {} }',
            'do = "frobnicate"\nexpect = { downloads = {} }',
            "s.toml:21: steps[2].do: unknown verb 'frobnicate' (known: add, clear-cache, "
            "come-back, command, compile, damage, delete, edit, fail, go-down, install, lock, "
            "mend, prune-cache, publish, purge, remove, remove-venv, replace, run, set-headers, "
            "set-users, sync, sync-requirements, together, uninstall, warm, yank)",
            id="unknown verb that is near to none",
        ),
        pytest.param(
            'do = "sync"\nexpect = { downloads = {} }',
            "expect = { downloads = {} }",
            "s.toml:20: steps[2].do: this key is required, but missing (it says what the step "
            'does, such as do = "sync")',
            id="step without verb",
        ),
        pytest.param(
            'headers = "pytorch"',
            "edge = { lifetime = { file = 60 } }",
            "s.toml:5: indexes.pytorch.edge.lifetime.file: 'file' is not one of pages, metadata "
            "and files (did you mean 'files'?)",
            id="lifetime of an unknown kind",
        ),
        pytest.param(
            'headers = "pytorch"',
            "edge = { lifetime = { files = -1 } }",
            "s.toml:5: indexes.pytorch.edge.lifetime.files: expected at least 0, "
            "found the number -1",
            id="negative lifetime",
        ),
        pytest.param(
            'headers = "pytorch"',
            'edge = { mistakes = ["ignore-vary"] }',
            "s.toml:5: indexes.pytorch.edge.mistakes[1]: 'ignore-vary' is not one of ignores-vary, "
            "keeps-gzip and mixes-304 (did you mean 'ignores-vary'?)",
            id="unknown mistake",
        ),
        pytest.param(
            'headers = "pytorch"',
            'edge = { strips = ["e tag"] }',
            "s.toml:5: indexes.pytorch.edge.strips[1]: 'e tag' is not the name of a header field "
            "(RFC 9110 §5.1)",
            id="stripped field that is none",
        ),
        pytest.param(
            'headers = "pytorch"',
            'headers = "pytroch"',
            "s.toml:5: indexes.pytorch.headers: unknown server 'pytroch' (did you mean 'pytorch'?)",
            id="unknown profile",
        ),
        pytest.param(
            'headers = "pytorch"',
            'headers = { profile = "zzz" }',
            f"s.toml:5: indexes.pytorch.headers.profile: unknown server 'zzz' (known: {PROFILES})",
            id="unknown profile that is near to none",
        ),
        pytest.param(
            'index = "pytorch"',
            'index = "pytroch"',
            "s.toml:15: sources.torch.index: unknown index 'pytroch' (did you mean 'pytorch'?)",
            id="unknown index",
        ),
        pytest.param(
            "filelock = 1 }",
            "filelok = 1 }",
            "s.toml:19: steps[1].expect.downloads.filelok: unknown project 'filelok' "
            "(did you mean 'filelock'?)",
            id="expectation about a project that no index has",
        ),
        pytest.param(
            'torch."2.8.0+cpu"',
            'torch."2.8.0 cpu"',
            "s.toml:6: indexes.pytorch.packages.torch.\"2.8.0 cpu\": '2.8.0 cpu' is not a version "
            "(PEP 440)",
            id="version that is not PEP 440",
        ),
        pytest.param(
            'requires = ["filelock"]',
            'requires = ["filelock >= three"]',
            's.toml:7: indexes.pytorch.packages.torch."2.8.0+cpu".requires[1]: '
            "'filelock >= three' is not a requirement (PEP 508): Expected semicolon (after name "
            "with no version specifier) or end",
            id="requirement that is not PEP 508",
        ),
        pytest.param(
            "explicit = true }",
            "marker = \"platform = 'linux'\" }",
            "s.toml:15: sources.torch.marker: \"platform = 'linux'\" is not a marker (PEP 508): "
            "Expected a marker variable or quoted string",
            id="marker that is not one",
        ),
        pytest.param(
            'requires = ["filelock"]',
            '[indexes.pytorch.packages.torch."2.8+CPU"]',
            "s.toml:7: indexes.pytorch.packages.torch.\"2.8+CPU\": '2.8.0+cpu' and '2.8+CPU' are "
            "the same version",
            id="two releases the same",
        ),
        pytest.param(
            'requires = ["filelock"]',
            '[indexes.pytorch.packages.Torch."2.9"]',
            "s.toml:7: indexes.pytorch.packages.Torch: 'torch' and 'Torch' are the same project",
            id="two projects the same",
        ),
        pytest.param(
            'url = "https://pypi.org/simple"',
            'url = "HTTPS://Download.PyTorch.org:443/whl/cpu/"',
            "s.toml:9: indexes.pypi.url: index 'pytorch' already has this URL",
            id="two indexes the same",
        ),
        pytest.param(
            'url = "https://pypi.org/simple"',
            'url = "https:///simple"',
            "s.toml:9: indexes.pypi.url: 'https:///simple' names no host",
            id="url without host",
        ),
        pytest.param(
            'url = "https://pypi.org/simple"',
            'url = "pypi.org/simple"',
            "s.toml:9: indexes.pypi.url: 'pypi.org/simple' is not an http or https URL",
            id="url without scheme",
        ),
        pytest.param(
            'url = "https://pypi.org/simple"',
            'url = "https://pypi.org:99999/simple"',
            "s.toml:9: indexes.pypi.url: 'https://pypi.org:99999/simple' is not a URL: Port out of "
            "range 0-65535",
            id="url with an impossible port",
        ),
        pytest.param(
            'url = "https://pypi.org/simple"',
            'url = "https://pypi .org/simple"',
            "s.toml:9: indexes.pypi.url: 'https://pypi .org/simple' is not a URL: it can have only "
            "visible ASCII, without spaces",
            id="url with a space",
        ),
        pytest.param(
            'index = "pytorch", explicit = true',
            'path = "../torch"',
            "s.toml:15: sources.torch.path: '../torch' leaves the workspace",
            id="path outside the workspace",
        ),
        pytest.param(
            'index = "pytorch", explicit = true',
            'path = "/etc"',
            "s.toml:15: sources.torch.path: '/etc' leaves the workspace: give a relative path with "
            "forward slashes",
            id="absolute path",
        ),
        pytest.param(
            'dependencies = ["torch"]',
            'dependencies = ["torch @ file:///etc/torch.whl"]',
            "s.toml:13: project.dependencies[1]: 'file:///etc/torch.whl' is not an http or https "
            "URL",
            id="requirement outside the workspace",
        ),
        pytest.param(
            'do = "sync"\nexpect = { downloads = {} }',
            'do = "remove-venv"',
            "s.toml:20: steps[2]: nothing is expected of this step or of any after it "
            "(give it an `expect`, or leave it out)",
            id="step after which nothing is expected",
        ),
        pytest.param(
            'title = "A wheel is downloaded again"\n',
            "\n",
            "s.toml: title: this key is required, but missing",
            id="missing title",
        ),
        pytest.param(
            'url = "https://pypi.org/simple"',
            "",
            "s.toml:8: indexes.pypi.url: this key is required, but missing",
            id="missing key",
        ),
        pytest.param(
            'dependencies = ["torch"]',
            'dependencies = "torch"',
            "s.toml:13: project.dependencies: expected an array, found the string 'torch' "
            "(write ['torch'])",
            id="wrong type: string for array",
        ),
        pytest.param(
            "torch = 1, filelock = 1",
            "torch = 1.5, filelock = 1",
            "s.toml:19: steps[1].expect.downloads.torch: expected a whole number or a string, "
            "found the number 1.5",
            id="wrong type in a union",
        ),
        pytest.param(
            'title = "A wheel is downloaded again"',
            "title = 2025-01-01",
            "s.toml:1: title: expected a string, found the date or time 2025-01-01",
            id="wrong type: date for string",
        ),
        pytest.param(
            'headers = "pytorch"',
            "headers = [1]",
            "s.toml:5: indexes.pytorch.headers: expected a server's name or a table, "
            "found an array",
            id="wrong type: array for header profile",
        ),
        pytest.param(
            'title = "A wheel is downloaded again"',
            'title = "\\u001b[31mred"\nissue = "javascript:\\u001b[2J"',
            r"s.toml:2: issue: 'javascript:\x1b[2J' is not a URL: it can have only visible ASCII, "
            "without spaces",
            id="escape sequences",
        ),
        pytest.param(
            'headers = "pytorch"',
            f'headers = "{"x" * 5000}"',
            f"s.toml:5: indexes.pytorch.headers: unknown server '{'x' * 59}…' (known: {PROFILES})",
            id="very long value",
        ),
        pytest.param(
            'headers = "pytorch"',
            'headers = { files = { "x y" = "1" } }',
            "s.toml:5: indexes.pytorch.headers.files.\"x y\": 'x y' is not the name of a header "
            "field (RFC 9110 §5.1)",
            id="header field's name",
        ),
        pytest.param(
            'headers = "pytorch"',
            'headers = { files = { etag = "1\\r\\nset-cookie: x" } }',
            r"s.toml:5: indexes.pytorch.headers.files.etag: '1\r\nset-cookie: x' is not the value "
            "of a header field: it can have only visible ASCII, spaces and tabs (RFC 9110 §5.5)",
            id="header field's value",
        ),
        pytest.param(
            'headers = "pytorch"',
            'headers = { files = { etag = "1", ETag = "2" } }',
            "s.toml:5: indexes.pytorch.headers.files.ETag: 'etag' and 'ETag' are the same header "
            "field",
            id="header field twice",
        ),
        pytest.param(
            'index = "pytorch", explicit = true',
            "",
            "s.toml:15: sources.torch: a source must have one of index, path and url; here none is "
            "given",
            id="source with none",
        ),
        pytest.param(
            "explicit = true",
            'url = "https://pypi.org/torch.whl"',
            "s.toml:15: sources.torch: a source must have one of index, path and url; here index "
            "and url are given",
            id="source with two",
        ),
        pytest.param(
            "explicit = true",
            'extra = "cpu"',
            "s.toml:15: sources.torch.extra: unknown extra 'cpu' (the scenario has no extra)",
            id="source for an unknown extra",
        ),
        pytest.param(
            "[project]",
            '[affected]\nuv = "up to 0.8"\n[project]',
            "s.toml:13: affected.uv: 'up to 0.8' is not a version specifier (PEP 440)",
            id="affected releases that are no specifier",
        ),
        pytest.param(
            "[project]",
            '[affected]\n"uv tool" = ">= 0"\n[project]',
            "s.toml:13: affected.\"uv tool\": 'uv tool' is not a name: letters, digits, '.', '_' "
            "and '-', a letter or digit first",
            id="affected installer that is none",
        ),
        pytest.param(
            "[project]",
            '[fixed-by]\nuv = "https://example.org/1"\n[project]',
            "s.toml:13: fixed-by.uv: neither [affected], [sometimes] nor [measured] lists 'uv'; "
            "say which releases have it",
            id="mended where nothing was affected",
        ),
        pytest.param(
            "[project]",
            "[variants]\nobey-no-store = 3\n[project]",
            "s.toml:13: variants.obey-no-store: there is no step 3: the last is step 2",
            id="variant that fails at a step that is none",
        ),
        pytest.param(
            "[project]",
            '[project]\nlink-mode = "clone"',
            "s.toml:13: project.link-mode: 'clone' is not one of copy, hardlink and symlink",
            id="an unknown link mode",
        ),
        pytest.param(
            "[project]",
            '[cache-control.pytoch]\nfiles = "max-age=5"\n[project]',
            "s.toml:12: cache-control.pytoch: unknown index 'pytoch' (did you mean 'pytorch'?)",
            id="override of an unknown index",
        ),
        pytest.param(
            'requires = ["filelock"]',
            'files = [{}, { kind = "sdist" }, { tag = "py3-none-any" }]',
            's.toml:7: indexes.pytorch.packages.torch."2.8.0+cpu".files[3]: file 1 of the release '
            "is already called 'torch-2.8.0+cpu-py3-none-any.whl'",
            id="two files with one name",
        ),
    ],
)
def test_one_mistake(tmp_path: Path, old: str, new: str, message: str) -> None:
    """One mistake is reported in one line: file, line, key path, the fault, and the remedy."""
    assert error_of(tmp_path, changed(old, new)) == message
