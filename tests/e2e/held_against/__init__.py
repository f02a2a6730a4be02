"""The reference installer held against pip and uv: what they resolve, install and refuse."""
