"""Runs that are killed leave no usable private key on the disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

KILLED_WHILE_A_CERTIFICATE_IS_LOADED = """
    import os, signal, ssl, time
    from pytest_indexcache.index.wire import certificates
    from pytest_indexcache.index.wire.gateway import Gateway

    def load_and_die(context, *paths):
        ssl.SSLContext.load_cert_chain(context, *paths)  # both files are there, and right
        print("loaded", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    class Context(ssl.SSLContext):
        load_cert_chain = load_and_die

    with Gateway(clock=time.time):
        authority = certificates.CertificateAuthority()
        certificates.load_certificate(
            Context(ssl.PROTOCOL_TLS_SERVER), authority._authority.issue_cert("pypi.org")
        )
"""

KILLED_WITHIN_A_PLAY = """
    import os, signal, ssl, time
    import httpx
    from pytest_indexcache.index.indexes import FakeIndexes
    from pytest_indexcache.index.wire.gateway import serve
    from pytest_indexcache.scenario.tables.indexes import Index

    indexes = FakeIndexes({"pypi": Index(url="https://pypi.org/simple")})
    with serve(indexes, record=lambda exchange: None, clock=time.time) as gateway:
        httpx.get(
            "https://pypi.org/simple/six/",
            proxy=gateway.proxy_url,
            verify=ssl.create_default_context(cafile=gateway.ca_file),
        )
        print("loaded", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="files without a name cannot be opened")
@pytest.mark.parametrize(
    "program", [KILLED_WHILE_A_CERTIFICATE_IS_LOADED, KILLED_WITHIN_A_PLAY], ids=["load", "play"]
)
def test_killed_process_leaves_no_private_key(tmp_path: Path, program: str) -> None:
    """No file that a process leaves after SIGKILL contains a private key."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    finished = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (finished.returncode, finished.stdout) == (-signal.SIGKILL, "loaded\n"), finished.stderr
    left = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert [path.name for path in left] == ["ca.pem"]
    assert not [path for path, data in left.items() if b"PRIVATE KEY" in data]
