"""Reports: the rendering of results as text, JSON, Markdown and HTML."""
