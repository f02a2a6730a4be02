"""Print facts about the Python interpreter that runs this file, as JSON.

This file must run on Python 3.6 or later, without other modules of this package.
"""

import json
import os
import platform
import sys
import sysconfig


def _libc() -> str:
    """Return the C library with its version, such as ``glibc 2.36``, or "" if unknown."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        return ""


def _platform() -> str:
    """Return the platform of extension modules, in the format of :func:`sysconfig.get_platform`."""
    name = sysconfig.get_platform()
    if sys.maxsize <= 2**32:  # a 32-bit Python on a 64-bit kernel
        name = name.replace("linux-x86_64", "linux-i686").replace("linux-aarch64", "linux-armv8l")
    return name


def _implementation_version() -> str:
    version = sys.implementation.version
    text = "{0.major}.{0.minor}.{0.micro}".format(version)  # noqa: UP032
    return text if version.releaselevel == "final" else text + version[3][0] + str(version[4])


def markers() -> "dict[str, str]":
    """Return the variables for environment markers, as defined by the PyPA specifications."""
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": _implementation_version(),
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "platform_python_implementation": platform.python_implementation(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def facts() -> "dict[str, object]":
    """Return the facts from which the running interpreter's markers and tags are derived."""
    return {
        "executable": getattr(sys, "_base_executable", None) or sys.executable,
        "markers": markers(),
        "extension_suffix": sysconfig.get_config_var("EXT_SUFFIX") or "",
        "is_debug": hasattr(sys, "gettotalrefcount"),
        "is_free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "has_pymalloc": "m" in getattr(sys, "abiflags", ""),
        "platform": _platform(),
        "libc": _libc(),
    }


if __name__ == "__main__":
    print(json.dumps(facts()))
