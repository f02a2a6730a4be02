"""Entry point of ``python -m pytest_indexcache``, which runs ``indexcache`` in that Python."""

import sys

from pytest_indexcache.cli import main

if __name__ == "__main__":
    sys.exit(main())
