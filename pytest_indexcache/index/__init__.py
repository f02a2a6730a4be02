"""Fake indexes, their wheels and sdists, and the two transports to them.

:mod:`pytest_indexcache.index.indexes` answers requests as values; ``wire.gateway`` serves it on the
wire at the real hostnames, ``inprocess`` behind respx. Nothing is imported here, so that each part
costs only its own imports.
"""
