"""Run ``indexcache`` as ``python -m pytest_indexcache.cli``."""

import sys

from pytest_indexcache.cli.start import main

if __name__ == "__main__":
    sys.exit(main())
