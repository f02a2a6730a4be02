"""Changing a venv: building, downloading, planning, unpacking, removing."""
