"""The reference installer: small, correct, and without knowledge of scenarios and fake indexes.

:mod:`pytest_indexcache.reference.commands.dispatch` is its Python API, ``python -m
pytest_indexcache.reference`` its command line. Nothing is imported here, so that each part costs
only what it needs itself.
"""
