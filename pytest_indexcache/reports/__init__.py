"""Render the results of plays, matrices and bisects as text, JSON, Markdown and HTML."""
