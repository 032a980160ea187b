"""Kombu's Redis channel, cured of an error that ends the worker when the broker dies at the wrong moment.

After a lost connection Celery closes the old channel, which hands back what was not acknowledged. Kombu then opens a
client from a connection that is already emptied, and an AttributeError that nobody expects brings the worker down. As
the ConnectionError that it is, both Celery and Kombu know what to do with it: note it, and connect anew.
"""

from typing import Any

from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError as RedisConnectionError


class Channel(kombu_redis.Channel):
    """A channel that calls a connection that has gone by its name."""

    def _create_client(self, asynchronous: bool = False) -> Any:
        if getattr(self.connection, "client", None) is None:
            raise RedisConnectionError("the connection to the broker is gone")
        return super()._create_client(asynchronous)  # type: ignore[no-untyped-call]  # kombu is half typed


def cure() -> None:
    """Make all Redis connections of this process use our channel."""
    kombu_redis.Transport.Channel = Channel
