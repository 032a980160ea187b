"""Kombu's Redis channel, cured of an error that ends the worker when the broker dies at the wrong moment.

After a lost connection Celery closes the old channel, which hands back what was not acknowledged. Kombu then opens a
client from a connection that is already emptied, and an AttributeError that nobody expects brings the worker down. As
the ConnectionError that it is, both Celery and Kombu know what to do with it: note it, and connect anew.

A broker that is silent for a few seconds cannot be told that a job is done. Celery notes that and goes on, but Kombu
would count the job among those at work for ever, and after as many as there are places the worker would take no more.
"""

from typing import Any

from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError as RedisConnectionError


class QoS(kombu_redis.QoS):
    """Counts the jobs at work; one that is done takes no place, even if the broker could not be told.

    The broker will hand it out again; every task of ours may run twice.
    """

    def ack(self, delivery_tag: str) -> None:
        """Tell the broker that a job is done."""
        try:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]
        except Exception:
            self._quick_ack(delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Give a job back, or throw it away."""
        try:
            super().reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]
        except Exception:
            self._quick_ack(delivery_tag)
            raise


class Channel(kombu_redis.Channel):
    """A channel that calls a connection that has gone by its name, and forgets jobs that are done."""

    QoS = QoS

    def _create_client(self, asynchronous: bool = False) -> Any:
        if getattr(self.connection, "client", None) is None:
            raise RedisConnectionError("the connection to the broker is gone")
        return super()._create_client(asynchronous)  # type: ignore[no-untyped-call]  # kombu is half typed


def cure() -> None:
    """Make all Redis connections of this process use our channel."""
    kombu_redis.Transport.Channel = Channel
