"""A cache that may vanish: an unreachable Redis costs one short wait now and then, never an answer (P-9)."""

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache

logger = logging.getLogger(__name__)

REST_SECONDS = 5.0  # how long we leave a failing server alone


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, empty while the server does not answer."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        """Begin in good faith."""
        super().__init__(server, params)
        self._rests_until = 0.0

    def _forgive(self, operation: Callable[[], Any], otherwise: Any) -> Any:
        if time.monotonic() < self._rests_until:
            return otherwise
        try:
            return operation()
        except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            logger.warning("cache unreachable", extra={"error": str(error)})
            return otherwise

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        """Store the value unless there is one; without a server it counts as stored."""
        return bool(self._forgive(lambda: super(ForgivingRedisCache, self).add(key, value, *args, **kwargs), True))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or `default` also when nobody answers."""
        return self._forgive(lambda: super(ForgivingRedisCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        """Store the value if that is possible."""
        self._forgive(lambda: super(ForgivingRedisCache, self).set(key, value, *args, **kwargs), None)

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        """Prolong the value if it can be found."""
        return bool(self._forgive(lambda: super(ForgivingRedisCache, self).touch(key, *args, **kwargs), False))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Remove the value if it can be found."""
        return bool(self._forgive(lambda: super(ForgivingRedisCache, self).delete(key, version), False))

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        """Return what can be found."""
        return dict(self._forgive(lambda: super(ForgivingRedisCache, self).get_many(keys, version), {}))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        """Tell whether the value can be found."""
        return bool(self._forgive(lambda: super(ForgivingRedisCache, self).has_key(key, version), False))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count up; without a server every count is the first."""
        return int(self._forgive(lambda: super(ForgivingRedisCache, self).incr(key, delta, version), delta))

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Store what can be stored; return the keys that could not."""
        return list(self._forgive(lambda: super(ForgivingRedisCache, self).set_many(data, *args, **kwargs), list(data)))

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        """Remove what can be found."""
        self._forgive(lambda: super(ForgivingRedisCache, self).delete_many(keys, version), None)

    def clear(self) -> bool:
        """Empty the cache if there is one."""
        return bool(self._forgive(lambda: super(ForgivingRedisCache, self).clear(), False))
