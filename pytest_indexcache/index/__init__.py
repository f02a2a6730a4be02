"""Fake indexes, the wheels and sdists that they serve, and the two transports to them.

:mod:`pytest_indexcache.index.indexes` answers requests as values; ``gateway`` has that on the wire
at the real hostnames, ``inprocess`` behind respx. Nothing is imported here, so that each part costs
only what it needs itself.
"""
