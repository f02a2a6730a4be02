"""The two transports to the fake indexes, as the network that an installer is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

from pytest_indexcache.index.exchanges.handler import Handler, Record
from pytest_indexcache.installers.contract.installer import Network

if TYPE_CHECKING:
    from pytest_indexcache.index.wire.gateway import Gateway

Transport = Callable[[Handler, Record], AbstractContextManager[Network]]


def in_process(clock: Callable[[], float]) -> Transport:
    """Transport installers to the indexes within this process."""
    from pytest_indexcache.index.inprocess import mount

    @contextmanager
    def connect(handler: Handler, record: Record) -> Iterator[Network]:
        yield Network(clock, transport=mount(handler, record=record, clock=clock))

    return connect


def on_the_wire(gateway: Gateway, clock: Callable[[], float]) -> Transport:
    """Transport installers to the indexes through a gateway that is running.

    Who is connected while the gateway serves already gets another one, with a port of its own.
    """
    from pytest_indexcache.index.wire.gateway import Gateway

    @contextmanager
    def connect(handler: Handler, record: Record) -> Iterator[Network]:
        with ExitStack() as stack:
            own = gateway
            if gateway.is_serving:
                own = stack.enter_context(Gateway(clock=clock))
            stack.enter_context(own.serving(handler, record))
            yield Network(clock, proxy_url=own.proxy_url, ca_file=own.ca_file)

    return connect
