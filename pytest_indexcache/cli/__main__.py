"""Entry point of ``python -m pytest_indexcache.cli``, which runs ``indexcache`` in that Python."""

import sys

from pytest_indexcache.cli.start import main

if __name__ == "__main__":
    sys.exit(main())
