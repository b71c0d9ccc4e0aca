"""The store as the pages read it: opened when it is there, never written, and each answer kept for a moment."""

import threading
import time
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from typing import TypeVar, cast

from models.episode import Episode
from models.measurement import Measurement
from models.store import Announcement, Counts, Current, Day, Missed, Status, Store, StoreError, VerdictRow, open_store
from models.verdict import Verdict
from models.words import EpisodeState

T = TypeVar("T")


class Memory:
    """Keeps answers for a short while, so that forty readers of one page cost as much as one."""

    def __init__(self, most: int = 2_000) -> None:
        self._most = most
        self._kept: dict[Hashable, tuple[float, object]] = {}
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, seconds: float, make: Callable[[], T]) -> T:
        """Returns the kept answer when it is younger than `seconds`, else makes it anew: one thread makes, others wait."""
        found = self._young(key, seconds)
        if found is not None:
            return cast("T", found[0])
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            found = self._young(key, seconds)
            made = cast("T", found[0]) if found is not None else make()
            if found is None:
                self._keep(key, made)
        return made

    def _young(self, key: Hashable, seconds: float) -> tuple[object] | None:
        with self._lock:
            kept = self._kept.get(key)
        return None if kept is None or time.monotonic() - kept[0] >= seconds else (kept[1],)

    def _keep(self, key: Hashable, made: object) -> None:
        with self._lock:
            if len(self._kept) >= self._most:
                self._kept.clear()
                self._making.clear()
            self._kept[key] = (time.monotonic(), made)


class Reader:
    """Reads one store; where there is none yet, everything is empty."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.memory = Memory()
        self._store: Store | None = None
        self._tried = -60.0
        self._problem: str | None = None
        self._lock = threading.Lock()

    def store(self) -> Store | None:
        """Returns the store once it can be opened; tries again each second until then."""
        with self._lock:
            if self._store is None and time.monotonic() - self._tried >= 1.0:
                self._tried = time.monotonic()
                self._open()
            return self._store

    def _open(self) -> None:
        try:
            self._store, self._problem = open_store(self.url, read_only=True), None
        except StoreError as exc:
            self._problem = str(exc)

    def problem(self) -> str | None:
        """Returns why there is no store, or null."""
        return None if self.store() is not None else self._problem

    def current(self, target: str | None = None) -> list[Current]:
        """Returns where each pair stands."""
        store = self.store()
        return [] if store is None else self.memory.get(("current", target), 1.0, lambda: list(store.current(target)))

    def daily(self, target: str, days: int, version: Hashable = None) -> list[Day]:
        """Returns a target's days; kept for as long as `version` (its last look) stays the same, a minute at most."""
        store = self.store()
        key = ("daily", target, days, version, _today())
        return [] if store is None else self.memory.get(key, 60.0, lambda: list(store.daily(target=target, days=days)))

    def episodes(
        self,
        target: str | None = None,
        vantage: str | None = None,
        *,
        state: EpisodeState | None = None,
        limit: int = 200,
    ) -> list[Episode]:
        """Returns episodes, the latest onset first."""
        store = self.store()
        if store is None:
            return []
        key = ("episodes", target, vantage, state, limit)
        return self.memory.get(
            key, 2.0, lambda: list(store.episodes(target=target, vantage=vantage, state=state, limit=limit))
        )

    def episode(self, name: str) -> Episode | None:
        store = self.store()
        return None if store is None else store.episode(name)

    def recent(
        self, target: str | None, vantage: str | None, limit: int, before: datetime | None = None
    ) -> list[VerdictRow]:
        store = self.store()
        if store is None:
            return []
        key = ("recent", target, vantage, limit, before)
        return self.memory.get(key, 2.0, lambda: list(store.recent(target, vantage, limit=limit, before=before)))

    def measurement(self, name: str) -> Measurement | None:
        store = self.store()
        return None if store is None else self.memory.get(("measurement", name), 60.0, lambda: store.measurement(name))

    def record(self, name: str) -> bytes | None:
        store = self.store()
        return None if store is None else store.record(name)

    def verdict(self, name: str) -> Verdict | None:
        store = self.store()
        return None if store is None else store.verdict(name)

    def blobs_of(self, name: str) -> dict[str, bytes]:
        """Returns every blob that a measurement names."""
        store = self.store()
        return {} if store is None else store.blobs_of(name)

    def blob(self, digest: str) -> bytes | None:
        store = self.store()
        return None if store is None else store.blob(digest)

    def simulated(self) -> bool:
        """Tells whether the latest look was at a simulated internet, whatever the configuration says."""
        latest = max(self.current(), default=None, key=lambda row: row.at)
        found = self.measurement(latest.measurement) if latest else None
        return found is not None and found.simulated

    def status(self) -> dict[str, Status]:
        """Returns what the prober left for the pages, by name."""
        store = self.store()
        return {} if store is None else self.memory.get("status", 1.0, store.status)

    def gaps(self) -> list[Missed]:
        store = self.store()
        return [] if store is None else self.memory.get("gaps", 5.0, lambda: list(store.gaps()))

    def announcements(self, limit: int = 20) -> list[Announcement]:
        store = self.store()
        return (
            []
            if store is None
            else self.memory.get(("announced", limit), 2.0, lambda: list(store.announcements(limit=limit)))
        )

    def counts(self) -> Counts | None:
        store = self.store()
        return None if store is None else self.memory.get("counts", 5.0, store.counts)


def _today() -> int:
    return datetime.now(UTC).toordinal()
