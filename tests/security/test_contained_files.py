"""Attacks on files outside the workspace by a contained Python and a contained shell."""

from __future__ import annotations

import socket

import pytest

from pytest_indexcache.installers.containment.containment import system_containment

from .contained_commands import SECRET, Grounds, needs_containment, python_command, shell_command

pytestmark = needs_containment

FILE_ATTACKS = {
    "read-python": python_command("print(open('../home/secret').read())"),
    "read-shell": shell_command("cat ../home/secret"),
    "read-by-symlink": shell_command("ln -s ../home/secret link && cat link"),
    "read-by-proc": shell_command("cat /proc/self/cwd/../home/secret"),
    "list-python": python_command("print(os.listdir('../home'))"),
    "list-shell": shell_command("ls ../home | grep secret"),
    "write-python": python_command("open('../home/new', 'w').write('x')"),
    "write-shell": shell_command("echo x > ../home/new"),
    "append": shell_command("echo x >> ../home/secret"),
    "overwrite": shell_command("cp /etc/passwd ../home/secret"),
    "write-by-symlink": shell_command("ln -s ../home/new link && echo x > link"),
    "make-folder": shell_command("mkdir ../home/new"),
    "make-fifo": python_command("os.mkfifo('../home/new')"),
    "symlink-outside": shell_command("ln -s /etc/passwd ../home/new"),
    "hardlink-in": python_command("os.link('../home/secret', 'link')"),
    "hardlink-out": shell_command("echo x > file && ln file ../home/new"),
    "rename-in": python_command("os.rename('../home/secret', 'moved')"),
    "rename-out": shell_command("echo x > file && mv file ../home/new"),
    "rename-outside": python_command("os.rename('../home/secret', '../home/new')"),
    "unlink-python": python_command("os.unlink('../home/secret')"),
    "unlink-shell": shell_command("rm -f ../home/secret"),
    "truncate": python_command("os.truncate('../home/secret', 0)"),
    "execute": shell_command("../home/program"),
    "execute-by-loader": python_command(
        "sys.exit(os.spawnl(os.P_WAIT, '../home/program', 'program'))"
    ),
}


@pytest.mark.parametrize("attack", FILE_ATTACKS)
def test_files_outside_are_out_of_reach(attack: str, grounds: Grounds) -> None:
    """A contained process neither reads, changes nor runs a file outside the workspace."""
    program = grounds.home / "program"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    before = grounds.state()
    done = grounds.run(*FILE_ATTACKS[attack], containment=system_containment(grounds.workspace))
    assert done.returncode != 0, done.stdout
    assert SECRET not in done.stdout
    assert grounds.state() == before


@pytest.mark.parametrize("attack", FILE_ATTACKS)
def test_attacks_on_files_succeed_without_containment(attack: str, grounds: Grounds) -> None:
    """Each attack on a file succeeds without containment, so containment causes the refusal."""
    program = grounds.home / "program"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    done = grounds.run(*FILE_ATTACKS[attack])
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "attack", ["os.chmod('../home/secret', 0o777)", "os.utime('../home/secret', (1, 1))"]
)
@pytest.mark.xfail(reason="Landlock does not know chmod, chown and utime, which open no file")
def test_attributes_of_files_outside_are_out_of_reach(attack: str, grounds: Grounds) -> None:
    """A contained process changes neither mode nor times of a file outside the workspace."""
    done = grounds.run(*python_command(attack), containment=system_containment(grounds.workspace))
    assert done.returncode != 0


@pytest.mark.parametrize(
    "name", ["shadow", "pip.conf", "fstab", "profile", "login.defs", "ssh/ssh_config"]
)
def test_settings_of_the_machine_are_out_of_reach(name: str, grounds: Grounds) -> None:
    """A contained process can read only those settings of the machine that programs need."""
    attack = python_command(f"print(open('/etc/{name}').read())")
    if grounds.run(*attack).returncode:
        pytest.skip(f"this user cannot read /etc/{name} here")
    containment = system_containment(grounds.workspace)
    assert "PermissionError" in grounds.run(*attack, containment=containment).stdout
    assert grounds.run(*shell_command("cat /etc/passwd"), containment=containment).returncode == 0


def test_work_in_the_workspace_is_left_alone(grounds: Grounds) -> None:
    """A contained process can create, link, move, run and remove files in the workspace."""
    line = (
        "mkdir -p a b && echo '#!/bin/sh' > a/x && chmod 755 a/x && a/x && ln a/x b/y && mv b/y a/z"
        " && ln -s z a/l && : > a/z && rm -r a b && echo done > /dev/null"
    )
    done = grounds.run(*shell_command(line), containment=system_containment(grounds.workspace))
    assert done.returncode == 0, done.stdout


def test_containment_does_not_bind_this_process(grounds: Grounds) -> None:
    """Starting a contained process does not restrict the process that starts it."""
    grounds.run("true", containment=system_containment(grounds.workspace))
    grounds.canary.write_text("changed by the test itself")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM):
        assert grounds.canary.read_text() == "changed by the test itself"
