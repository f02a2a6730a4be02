"""Fake indexes, their wheels and sdists, and the two transports to them.

:mod:`pytest_indexcache.index.indexes` computes the responses to requests. ``wire.gateway`` serves
these indexes over sockets at the real hostnames; ``inprocess`` mounts them behind respx.
Nothing is imported here, so that importing one module does not load the others.
"""
