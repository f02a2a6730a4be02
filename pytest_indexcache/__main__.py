"""Run ``indexcache`` as ``python -m pytest_indexcache``."""

import sys

from pytest_indexcache.cli import main

if __name__ == "__main__":
    sys.exit(main())
