"""A cache that may vanish: an unreachable Redis costs one short wait now and then, never an answer (P-9)."""

import json
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache

from support_portal.patience import Patience


class JSONSerializer:
    """Writes values as JSON, so that nobody who can write to Redis can run code here; bare numbers can be counted."""

    def dumps(self, value: Any) -> bytes | int:
        """Return what Redis stores."""
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        """Return the value again; tuples come back as lists."""
        return json.loads(data)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, empty while the server does not answer."""

    _patience = Patience("the cache")  # one for all threads of the process

    def _forgive(self, operation: Callable[[], Any], otherwise: Any) -> Any:
        if not self._patience.may_ask():
            return otherwise
        try:
            result = operation()
        except (redis.RedisError, OSError) as error:
            self._patience.failed(error)
            return otherwise
        self._patience.answered()
        return result

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

    def clear(self) -> None:
        """Empty the cache if there is one."""
        self._forgive(lambda: super(ForgivingRedisCache, self).clear(), None)
