"""The reference installer compared with pip and uv: resolutions, installed files and refusals."""
