"""Plausible values of scenarios, and values that leave the workspace or break a parser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

INDEX: Final = "https://a.example/simple"

PLAUSIBLE: Final[Mapping[str, Sequence[str]]] = {
    "assigned": ("six", "six=allow"),
    "backend": ("hatchling.build", "uv_build"),
    "backend-folder": ("backend",),
    "base": (".", "..", "lib", "../lib"),
    "constraint": (">=1,<2", "^1.0"),
    "date": ("2024-01-01", "2024-01-01T00:00:00Z", "1 week"),
    "dates": ("six=2024-01-01",),
    "dependency": ("six", "six>=1; python_version < '4'", "six @ ./six"),
    "digest": ("sha256:00ff",),
    "editable-line": ("-e ./lib", "-e file:///${PROJECT_ROOT}/lib#egg=lib"),
    "empty": ("",),
    "entry-point": ("six:main",),
    "filename": ("six-1.0-py3-none-any.whl",),
    "flag": ("true", "0"),
    "folder": ("out", "../out"),
    "glob": ("packages/*", "lib"),
    "group": ("dev", "lib/pyproject.toml:dev"),
    "hex": ("00ff",),
    "host": ("a.example", "a.example:443"),
    "index": (INDEX, f"mine={INDEX}", "links"),
    "keyring": ("disabled",),
    "new-project": ("app", "../app"),
    "no-vcs": ("none",),
    "cache-folder": ("cache", "./.uv_cache"),
    "cache-name": (".", "PyPI", "PyPI:six:1.0"),
    "log-filter": ("uv=debug", "uv=trace,uv_client=debug"),
    "on": ("true", "1"),
    "preview-features": ("pylock", "pylock,json-output"),
    "lockfile": ("pdm.lock", "pylock.toml"),
    "locked-source": (f"registry+{INDEX}", "directory+lib"),
    "module": ("six",),
    "name": ("six",),
    "number": ("1", "2.5"),
    "output": ("out.txt", "-", "../out.txt"),
    "package-setting": ("six:key=value",),
    "path": ("lib", "../lib", "."),
    "pattern": ("six*", "*"),
    "pdm-setting": ("pypi.url", "strategy.save"),
    "place": (INDEX, "links"),
    "plain": ("x", INDEX),
    "poetry-setting": ("virtualenvs.in-project", "repositories.a"),
    "poetry-source-type": ("legacy",),
    "program": ("python", "python3"),
    "project": ("six", "six,idna"),
    "projects": ("six", ":all:", "six,idna"),
    "python": ("3.12", "cpython@3.12", ">=3.8"),
    "requirement": ("six", "six==1.0", "idna[x]>=2", f"six @ {INDEX}/six.whl", "./lib"),
    "requirements": ("r.txt", "../r.txt", "pylock.toml"),
    "script": ("run-six",),
    "setting": ("key=value", "key=lib"),
    "setting-value": ("", "lib"),
    "service": ("a.example", INDEX),
    "subfolder": ("lib",),
    "text": ("word", "a text"),
    "torch": ("cpu", "cu128"),
    "url": (INDEX, f"{INDEX}/six-1.0.tar.gz#sha256=00"),
    "venv": (".venv", "../other"),
    "version": ("1.0",),
    "version-source": ("regex", "env"),
    "attribute": ("six.__version__",),
    "off": ("false", "never"),
    "marker": ("python_version < '3.9'",),
    "prompt": ("my venv", "{project_name}-py"),
    "sentence": ("word", "a text"),
    "words": ("first-index", "json"),
}
"""Values of each kind that a scenario may have."""

HOSTILE: Final = (
    *("/abs", "/etc/passwd", "../../x", "../../../etc", "~/x", "~root/x", "a/../../../x", "C:\\x"),
    *("lib/../../..", "..", "../..", "./../../x", "//evil.example/x", "\\\\evil\\x", "link/../.."),
    *("file:///etc", "file:/etc", "FILE:///etc", "file://localhost/etc", "file:../../x"),
    *("git+git://127.0.0.1/x", "git+https://a.example/x", "git+file:///x", "hg+ssh://a.example/x"),
    *("ssh://a.example/x", "ftp://a.example/x", "s3://a/b", "data:text/plain,x", "javascript:x"),
    *("https://evil.example/", "https://a.example@evil.example/", "https://a.example:444/x"),
    *("https://evil.example#@a.example/", "https://a.example\\@evil.example/", "https:///x"),
    *("http://a.example/x", "https://a.example./x", "https://A.EXAMPLE/x", "https:/a.example/x"),
    *("https://a.example/../../x", "https://a.example/%2e%2e/x", "https://user:pw@a.example/x"),
    *("https://127.0.0.1:80/", "https://[::1]/", "https://0x7f000001/", "https://a.example%2f@e/"),
    *("six @ /abs", "six @ file:///abs", "six@../../x", "six[x] @ git+https://a.example/x"),
    *("${HOME}", "$HOME/x", "${X:-/abs}", "%HOME%", "`id`", "$(id)", "${PROJECT_ROOT}/../../x"),
    *("@file.txt", "@/etc/passwd", "-", "--", "-x", "-r/etc/passwd", "--target=/abs", "-qo/abs"),
    *("a\0b", "a\nb", "a\r\nb", "a\tb", "a'b", 'a"b', "a b", "", " ", "\u2028", "\u202e", "é", "*"),
    *("x=/abs", "x=../../y", "x=file:///y", "six:x=/abs", "a,/abs", "a /abs", "a:/abs", "a;/abs"),
    *("sync", "run", "install", "config", "sh", "python", "-c", "-m", "import os", "print(1)"),
    *("import six", "import six; print(six.x)", "import six.os; six.os.system('id')", "exit()"),
    *("os:system", "six:main", "setup.py", "evil.sh", ".env", ".git/config", "a.pth", "pip.conf"),
)

PIECES: Final = (
    *("https://", "file:", "git+", "//", "/", "..", "../", "\\", "@", ":", "#", "?", "%2e", "~"),
    *("a.example", "evil.example", "six", "=", ",", ";", " ", "[", "]", "$", "{", "}", "*", "-"),
    *("\n", "\0", "'", '"', ".txt", ".whl", "x", "1", "egg=", "subdirectory=", "&"),
)


def hostile(random: Random) -> str:
    """Make a forbidden value, or a plausible value with a forbidden piece in it."""
    choice = random.random()
    if choice < 0.6:
        return random.choice(HOSTILE)
    if choice < 0.8:
        return "".join(random.choices(PIECES, k=random.randint(1, 7)))
    return spliced(random.choice(random.choice(list(PLAUSIBLE.values()))), random)


def spliced(text: str, random: Random) -> str:
    """Make a string in which other characters replace a few of its characters."""
    start = random.randint(0, len(text))
    stop = min(len(text), start + random.choice((0, 0, 1, 3)))
    return f"{text[:start]}{random.choice(PIECES)}{text[stop:]}"
