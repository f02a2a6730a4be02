"""Fake indexes, the wheels and sdists on them, and the two transports that lead to them.

:mod:`pytest_indexcache.index.indexes` computes the response to each request. ``wire.gateway``
serves these indexes over sockets at their real hostnames; ``inprocess`` mounts them behind respx.
This module imports nothing, so that importing one submodule does not load the others.
"""
