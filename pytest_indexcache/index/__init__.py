"""Fake indexes, their wheels and sdists, and the two transports to them.

:mod:`pytest_indexcache.index.indexes` turns request values into response values; ``wire.gateway``
serves it over sockets at the real hostnames, ``inprocess`` mounts it behind respx. Nothing is
imported here, so that each part costs only its own imports.
"""
