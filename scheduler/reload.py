"""Live reload: a changed configuration is taken up by difference; a broken one leaves the last good one running."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from watchfiles import awatch

from models.targets import Configuration
from models.targets_diff import Difference, difference
from models.targets_errors import TargetsError
from models.targets_file import Loaded, read
from scheduler.fingerprints import Known, known

log = structlog.get_logger("configuration")


@dataclass(slots=True)
class Watched:
    """The configuration's files, and what became of their last change."""

    path: Path
    loaded: Loaded
    fingerprints: Known
    document: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_file(cls, path: Path) -> "Watched":
        """Reads the configuration; raises TargetsError with everything that is wrong."""
        loaded = read(path)
        watched = cls(path, loaded, known(loaded))
        watched.document = {"file": str(path), "error": None, "problems": [], "loaded_at": _now(), "last_change": None}
        return watched

    @property
    def configuration(self) -> Configuration:
        return self.loaded.configuration

    async def changes(self, stop: asyncio.Event) -> AsyncIterator[Configuration | None]:
        """Yields each new configuration, and null when the file was found broken, until `stop` is set.

        Folders are watched, not files: editors and mounts put a new file in the place of the old one.
        """
        while not stop.is_set():
            folders = {file.resolve().parent for file in (self.path, *self.loaded.files)}
            async for _ in awatch(*folders, stop_event=stop, debounce=200, step=50, recursive=False, rust_timeout=1000):
                before = self.loaded
                changed = await asyncio.to_thread(self.read_again)
                if changed is not None:
                    yield self.configuration if changed else None
                if self.loaded.files != before.files:
                    break

    def read_again(self) -> bool | None:
        """Returns true for a new configuration, false for a broken file, null where nothing changed."""
        try:
            loaded = read(self.path)
            fingerprints = known(loaded) if loaded.fingerprints != self.loaded.fingerprints else self.fingerprints
        except TargetsError as error:
            return self._refused(error)
        told = difference(self.configuration, loaded.configuration)
        healed = self.document["error"] is not None
        same = fingerprints.set.digest == self.fingerprints.set.digest
        self.loaded, self.fingerprints = loaded, fingerprints
        if not told and not healed and same:
            return None
        self._taken_up(told)
        return True

    def _refused(self, error: TargetsError) -> bool | None:
        if str(error) == self.document["error"]:
            return None
        log.error(
            "the configuration is broken; the last good one goes on", problems=[str(each) for each in error.problems]
        )
        problems = [each.to_json() for each in error.problems[:50]]
        self.document |= {"error": str(error), "problems": problems, "broken_since": _now()}
        return False

    def _taken_up(self, told: Difference) -> None:
        log.info("the configuration was taken up", changes=told.summary())
        change = told.to_json() | {"at": _now()} if told else self.document["last_change"]
        self.document |= {"error": None, "problems": [], "loaded_at": _now(), "last_change": change}


def _now() -> str:
    return datetime.now(UTC).isoformat()
