"""The configuration as the pages see it: taken up when the file changes, the last good one kept when it is broken."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.targets import Configuration
from models.targets_errors import TargetsError
from models.targets_file import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The last good configuration, and the error of the newest file where that one is broken."""

    configuration: Configuration
    good_since: datetime | None = None  # null: no good one yet
    error: str | None = None


class ConfigurationKeeper:
    """Reads the file at most once in `every` seconds, and only when its time or size changed."""

    def __init__(self, path: Path, *, every: float = 2.0) -> None:
        self.path = path
        self._every = every
        self._lock = threading.Lock()
        self._looked = 0.0
        self._files: tuple[Path, ...] = (path,)
        self._mark: tuple[object, ...] = ()
        self._loaded = Loaded(configuration=Configuration())

    def loaded(self) -> Loaded:
        """Returns what is in force now."""
        with self._lock:
            if time.monotonic() - self._looked >= self._every or self._looked == 0.0:
                self._look()
                self._looked = time.monotonic()
            return self._loaded

    def _look(self) -> None:
        mark = tuple(_mark(file) for file in self._files)
        if mark != self._mark:
            self._take_up()
            self._mark = tuple(_mark(file) for file in self._files)

    def _take_up(self) -> None:
        try:
            found = read(self.path)
        except TargetsError as exc:
            self._refuse(str(exc))
        except OSError as exc:
            self._refuse(f"{self.path}: cannot be read ({exc.strerror}). Write one, or name another with --config.")
        else:
            self._files = found.files
            self._loaded = Loaded(configuration=found.configuration, good_since=datetime.now(UTC))

    def _refuse(self, error: str) -> None:
        before = self._loaded
        self._loaded = Loaded(configuration=before.configuration, good_since=before.good_since, error=error)


def _mark(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
