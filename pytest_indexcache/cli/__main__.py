"""``python -m pytest_indexcache.cli``: the command ``indexcache``, for one Python in particular."""

import sys

from pytest_indexcache.cli.command_line import main

if __name__ == "__main__":
    sys.exit(main())
