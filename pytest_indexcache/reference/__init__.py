"""The reference installer: small, correct, and independent of scenarios and fake indexes.

:mod:`pytest_indexcache.reference.commands.dispatch` is its Python API, ``python -m
pytest_indexcache.reference`` its command line. This module imports nothing, so that importing one
module does not load the others.
"""
