"""Requirements files, read by pip's own parser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


def places_by_pip(text: str) -> Iterator[str]:
    """Yield each requirement, path and URL that pip's parser finds in a requirements file."""
    req_file = pytest.importorskip("pip._internal.req.req_file")
    parse = req_file.get_line_parser(None)
    for _, line in req_file.preprocess(text):
        try:
            requirement, options = parse(line)
        except req_file.OptionParsingError:
            continue
        if requirement:
            yield requirement.partition(" @ ")[2] or requirement
        assert not getattr(options, "global_options", None)
        values = [options.index_url, *(options.find_links or ()), *(options.editables or ())]
        values += [*(options.requirements or ()), *(options.constraints or ())]
        yield from (value for value in [*values, *(options.extra_index_urls or ())] if value)
