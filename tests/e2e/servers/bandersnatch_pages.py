"""Write the simple pages of a mirror with bandersnatch's own code, in the Python of its venv.

The folder of the mirror, and the description of the project's files as in PyPI's JSON, are read
from standard input.
"""

import json
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

from bandersnatch.package import Package  # type: ignore[import-not-found]
from bandersnatch.simple import SimpleAPI  # type: ignore[import-not-found]


class Storage:
    """The part of bandersnatch's storage interface that is needed to write the root page."""

    scandir = staticmethod(lambda folder: list(Path(folder).iterdir()))
    copy_file = staticmethod(shutil.copyfile)

    @staticmethod
    @contextmanager
    def rewrite(path):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN205
        """Open a file for writing."""
        with Path(path).open("w") as file:
            yield file


def main() -> None:
    """Write the pages of one project, and the root page."""
    told = json.load(sys.stdin)
    web = Path(told["folder"])
    package = Package(told["metadata"]["info"]["name"])
    package._metadata = told["metadata"]
    pages = SimpleAPI(Storage(), "ALL", [], "sha256", False, None)
    written = pages.generate_simple_pages(package)
    folder = web / "simple" / package.name
    folder.mkdir(parents=True)
    for name in ("index.html", "index.v1_html"):
        (folder / name).write_text(written.html)
    (folder / "index.v1_json").write_text(written.json)
    pages.sync_index_page(True, web, package.last_serial)


if __name__ == "__main__":
    main()
