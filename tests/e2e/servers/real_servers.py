"""Real index servers on the loopback, each in its own venv, with the files of the battery."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

REQUIREMENTS: Mapping[str, Sequence[str]] = {
    "devpi": ["devpi-server==6.20.3"],
    "pypiserver": ["pypiserver==2.4.2"],
    "simple-repository-server": ["simple-repository-server==0.10.0"],
    "proxpi": ["proxpi==1.3.1", "gunicorn==27.0.1"],
    "bandersnatch": ["bandersnatch==6.8.0"],
}
SECONDS_TO_START = 60


def provisioned(name: str, folder: Path) -> Path:
    """Return the scripts folder of a venv with the server's release; make the venv if needed."""
    venv = folder / name
    if not venv.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        command = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*command, *REQUIREMENTS[name]], check=True)
    return venv / "bin"


def free_port() -> int:
    """Return a free port of the loopback."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str | Path], folder: Path, url: str, **variables: str
) -> Iterator[str]:
    """Run a server while the context lasts; the context begins when the URL answers."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **variables},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(process, url, folder / "server.log")
            yield url
        finally:
            process.terminate()
            process.wait(SECONDS_TO_START)


def _wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{url} does not answer:\n{log.read_text()}")


@contextmanager
def pypiserver(scripts: Path, folder: Path, contents: Mapping[str, bytes]) -> Iterator[str]:
    """Run pypiserver with a folder of files; return the URL of its root page."""
    packages = folder / "packages"
    packages.mkdir()
    for name, content in contents.items():
        (packages / name).write_bytes(content)
    port = str(free_port())
    command: list[str | Path] = [scripts / "pypi-server", "run", "-i", "127.0.0.1", "-p", port]
    command += ["--disable-fallback", packages]
    with running(command, folder, f"http://127.0.0.1:{port}/simple/") as url:
        yield url


@contextmanager
def devpi(scripts: Path, folder: Path, contents: Mapping[str, bytes]) -> Iterator[str]:
    """Run devpi-server with an index of a user; return the URL of its root page."""
    state = folder / "state"
    init: list[str | Path] = [scripts / "devpi-init", "--serverdir", state, "--no-root-pypi"]
    subprocess.run(init, check=True, capture_output=True)
    port = str(free_port())
    command: list[str | Path] = [
        scripts / "devpi-server",
        "--serverdir",
        state,
        "--host",
        "127.0.0.1",
    ]
    command += ["--port", port, "--offline-mode"]
    base = f"http://127.0.0.1:{port}"
    with running(command, folder, f"{base}/+api"):
        _fill_devpi(base, contents)
        yield f"{base}/root/dev/+simple/"


def _fill_devpi(base: str, contents: Mapping[str, bytes]) -> None:
    login = httpx.post(f"{base}/+login", json={"user": "root", "password": ""}, timeout=60)
    token = login.json()["result"]["password"]
    secret = base64.b64encode(f"root:{token}".encode()).decode()
    headers = {"X-Devpi-Auth": secret}
    index = {"type": "stage", "bases": []}
    httpx.put(f"{base}/root/dev", json=index, headers=headers, timeout=60).raise_for_status()
    for filename, content in contents.items():
        name, version = filename.removesuffix(".tar.gz").split("-")[:2]
        data = {":action": "file_upload", "name": name, "version": version}
        data["requires_python"] = ">=3.8"
        data["filetype"] = "bdist_wheel" if filename.endswith(".whl") else "sdist"
        data["metadata_version"] = "2.1"
        httpx.post(
            f"{base}/root/dev/",
            data=data,
            files={"content": (filename, content)},
            headers=headers,
            timeout=60,
        ).raise_for_status()


@contextmanager
def simple_repository_server(
    scripts: Path, folder: Path, contents: Mapping[str, bytes]
) -> Iterator[str]:
    """Run simple-repository-server with a folder of files; return the URL of its root page."""
    project = folder / "packages" / "demo-lib"
    project.mkdir(parents=True)
    for name, content in contents.items():
        (project / name).write_bytes(content)
    port = str(free_port())
    command: list[str | Path] = [
        scripts / "simple-repository-server",
        "--host",
        "127.0.0.1",
        "--port",
        port,
    ]
    command += [project.parent]
    with running(command, folder, f"http://127.0.0.1:{port}/simple/") as url:
        yield url


@contextmanager
def proxpi(scripts: Path, folder: Path, index_url: str, **variables: str) -> Iterator[str]:
    """Run proxpi in front of an index; return the URL of its root page."""
    port = str(free_port())
    command: list[str | Path] = [
        scripts / "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "proxpi.server:app",
    ]
    variables["PROXPI_INDEX_URL"] = index_url
    with running(command, folder, f"http://127.0.0.1:{port}/index/", **variables) as url:
        yield url


def nginx_program() -> str | None:
    """Return the path of nginx on this machine, or None; it cannot be installed from PyPI."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


@contextmanager
def nginx(folder: Path, blocks: str) -> Iterator[str]:
    """Run nginx with these configuration blocks; return the URL of its root page."""
    program = nginx_program()
    assert program is not None
    port = str(free_port())
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    settings = folder / "nginx.conf"
    settings.write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr;\n"
        "events {}\n"
        "http { include /etc/nginx/mime.types; default_type application/octet-stream;\n"
        f"access_log off;\n{temporary}{blocks.replace('PORT', port)}}}\n"
    )
    command: list[str | Path] = [program, "-p", folder, "-c", settings]
    with running(command, folder, f"http://127.0.0.1:{port}/simple/") as url:
        yield url


@contextmanager
def bandersnatch(scripts: Path, folder: Path, contents: Mapping[str, bytes]) -> Iterator[str]:
    """Run nginx with a mirror written by bandersnatch; return the URL of its root page.

    The settings are equivalent to those of bandersnatch's own image, banderx.
    """
    web = folder / "web"
    files = []
    for filename, content in contents.items():
        digest = hashlib.sha256(content).hexdigest()
        path = f"packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{filename}"
        (web / path).parent.mkdir(parents=True)
        (web / path).write_bytes(content)
        described: dict[str, Any] = {
            "filename": filename,
            "url": f"https://files.pythonhosted.org/{path}",
        }
        described |= {"size": len(content), "requires_python": ">=3.8", "yanked": False}
        described |= {"upload_time_iso_8601": "2024-01-01T00:00:00.000000Z"}
        files.append({**described, "digests": {"sha256": digest}})
    metadata = {"info": {"name": "demo-lib"}, "releases": {"1.0": files}, "last_serial": 1}
    told = json.dumps({"folder": str(web), "metadata": metadata})
    script = Path(__file__).with_name("bandersnatch_pages.py")
    subprocess.run([scripts / "python", script], input=told.encode(), check=True)
    with nginx(folder, BANDERX.replace("WEB", str(web))) as url:
        yield url


BANDERX = r"""
map $http_accept $page {
    default index.html;
    "~*application/vnd\.pypi\.simple\.v1\+json" index.v1_json;
    "~*application/vnd\.pypi\.simple\.v1\+html" index.v1_html;
    "~*text/html" index.html;
}
server {
    listen 127.0.0.1:PORT;
    root WEB;
    autoindex on;
    charset utf-8;
    location /simple/ {
        index $page;
        types {
            application/vnd.pypi.simple.v1+json v1_json;
            application/vnd.pypi.simple.v1+html v1_html;
            text/html html;
        }
        try_files $uri $uri/ =404;
    }
}
"""
