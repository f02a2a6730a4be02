"""Fake indexes, their wheels and sdists, and the two transports to them.

:mod:`pytest_indexcache.index.indexes` turns request values into response values. ``wire.gateway``
    serves these indexes over sockets at the real hostnames; ``inprocess`` mounts them behind respx.
    Nothing is imported here, so that whoever imports one module loads only what it needs.
"""
