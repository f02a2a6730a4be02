"""Adapters for uv, pip, Poetry, PDM, nab and the reference installer."""
