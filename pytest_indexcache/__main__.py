"""``python -m pytest_indexcache``: the command ``indexcache``, run by a chosen Python."""

import sys

from pytest_indexcache.cli import main

if __name__ == "__main__":
    sys.exit(main())
