"""The reference installer: small, correct, and independent of scenarios and fake indexes.

Its Python API is :mod:`pytest_indexcache.reference.commands.dispatch`; ``python -m
pytest_indexcache.reference`` runs it on the command line. This module does not import anything, so
importing one module of the package does not load the others.
"""
