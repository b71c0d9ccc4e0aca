"""The journal: every measurement is appended here, in one write, the moment it is finished; the store takes it from there.

A frame is MAGIC, the length and the CRC-32 of what follows, and a zstd-packed entry. A process that is killed loses
nothing that was appended (the page cache outlives it); `sync` is called every second, so a power cut loses at most
that second. A torn last frame is recognised and left out.
"""

import fcntl
import os
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog
import zstandard

from models.errors import WallwatchError
from models.measurement import Finished, from_canonical

MAGIC = b"\x89WWJ"
HEAD = struct.Struct("<4sII")
LARGEST = 64 << 20  # of one entry, unpacked
ROTATE_BYTES = 16 << 20
ROTATE_SECONDS = 60.0
KEEP_SECONDS = 300.0  # SQLite's own files reach the disk at its next checkpoint, not at the commit

log = structlog.get_logger("journal")


class JournalError(WallwatchError):
    """The journal cannot be used."""


class Entry(msgspec.Struct, frozen=True):
    """A finished measurement; a later entry of the same key takes its place (canaries were looked at again)."""

    key: str
    record: bytes
    blobs: dict[str, bytes]

    @classmethod
    def from_finished(cls, key: str, finished: Finished) -> "Entry":
        return cls(key, finished.measurement.to_canonical(), dict(finished.blobs))

    def to_finished(self) -> Finished:
        return Finished(measurement=from_canonical(self.record), blobs=self.blobs)


@dataclass(slots=True)
class _Segment:
    """One file of the journal, and how much of it the store has."""

    path: Path
    written: int = 0
    settled: int = 0
    closed_at: float | None = None
    bytes: int = 0


def to_frame(entry: Entry) -> bytes:
    packed = zstandard.ZstdCompressor(level=1).compress(msgspec.msgpack.encode(entry))
    return HEAD.pack(MAGIC, len(packed), zlib.crc32(packed)) + packed


def from_frames(content: bytes, name: str) -> Iterator[Entry]:
    """Yields the entries of a segment; damage is logged and stepped over to the next frame that is whole."""
    at = 0
    while (at := content.find(MAGIC, at)) >= 0:
        entry, end = _frame_at(content, at)
        if entry is None:
            log.warning("a journal entry is torn and left out", file=name, offset=at)
            at += 1
        else:
            yield entry
            at = end


def _frame_at(content: bytes, at: int) -> tuple[Entry | None, int]:
    start = at + HEAD.size
    if start > len(content):
        return None, at
    _, length, crc = HEAD.unpack_from(content, at)
    packed = content[start : start + length]
    if len(packed) != length or zlib.crc32(packed) != crc:
        return None, at
    try:
        unpacked = zstandard.ZstdDecompressor().decompress(packed, max_output_size=LARGEST)
        return msgspec.msgpack.decode(unpacked, type=Entry), start + length
    except (zstandard.ZstdError, msgspec.MsgspecError):
        return None, at


def entries_of(path: Path) -> list[Entry]:
    """Returns what a segment holds, the last entry of each key."""
    return list({entry.key: entry for entry in from_frames(path.read_bytes(), path.name)}.values())


class Journal:
    """Append-only segments in a folder; a segment goes once the store has had all of it for a while.

    `append` and `settle` may be called from different threads.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._guard = threading.Lock()
        self._segments: dict[int, _Segment] = {}
        self._file: int | None = None
        self._dirty = False
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(folder / "lock")
        self._left = sorted(folder.glob("*.journal"))
        self._number = max((int(path.stem) for path in self._left if path.stem.isdigit()), default=0)
        self._opened_at = 0.0

    def left_over(self) -> list[Path]:
        """Returns the files of an earlier process, newest first: a later entry of a key takes the place of an earlier."""
        return self._left[::-1]

    def append(self, entry: Entry) -> int:
        """Writes one entry with one write; returns the number of its segment.

        Raises OSError when the disk takes no more; the file then still ends with a whole entry.
        """
        frame = to_frame(entry)
        with self._guard:
            segment = self._current()
            self._write(segment, frame)
            segment.written += 1
            self._dirty = True
            return self._number

    def _write(self, segment: _Segment, frame: bytes) -> None:
        assert self._file is not None
        try:
            written = os.write(self._file, frame)
            if written != len(frame):
                written += os.write(self._file, frame[written:])
            if written != len(frame):
                raise OSError(28, "the disk took only part of a journal entry")
        except OSError:
            os.ftruncate(self._file, segment.bytes)
            raise
        segment.bytes += len(frame)

    def _current(self) -> _Segment:
        segment = self._segments.get(self._number)
        if segment and segment.written:
            full = segment.bytes > ROTATE_BYTES or time.monotonic() - self._opened_at > ROTATE_SECONDS
            if full:
                self._close()
        if self._file is None:
            self._open()
        return self._segments[self._number]

    def _open(self) -> None:
        path = self.folder / f"{self._number + 1:08}.journal"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600)
        self._number += 1
        self._opened_at = time.monotonic()
        self._segments[self._number] = _Segment(path)

    def _close(self) -> None:
        if self._file is not None:
            os.fdatasync(self._file)
            os.close(self._file)
            self._file = None
            self._segments[self._number].closed_at = time.monotonic()

    def settle(self, numbers: list[int]) -> None:
        """Notes that the store has these entries, given by their segments."""
        with self._guard:
            for number in numbers:
                self._segments[number].settled += 1

    def sync(self) -> None:
        """Brings what was appended to the disk, and drops segments that are no longer needed."""
        with self._guard:
            if self._dirty and self._file is not None:
                os.fdatasync(self._file)
                self._dirty = False
            self._drop(time.monotonic() - KEEP_SECONDS)

    def _drop(self, closed_before: float) -> None:
        """Removes settled segments from the oldest on: an entry must not outlive the one that replaced it."""
        for number, segment in sorted(self._segments.items()):
            if segment.closed_at is None or segment.closed_at > closed_before or segment.settled < segment.written:
                return
            segment.path.unlink(missing_ok=True)
            del self._segments[number]

    def forget(self, aside: bool = False) -> None:
        """Removes the files of an earlier process, once the store has their entries, or puts them aside; newest last."""
        for path in self._left:
            if aside:
                path.rename(path.with_suffix(".unreadable"))
            else:
                path.unlink(missing_ok=True)
        self._left = []

    @property
    def size(self) -> int:
        return sum(segment.bytes for segment in list(self._segments.values()))

    @property
    def unsettled(self) -> int:
        """How many entries the store does not have yet."""
        return sum(segment.written - segment.settled for segment in list(self._segments.values()))

    def close(self) -> None:
        """Ends in good order: what the store has is removed."""
        with self._guard:
            self._close()
            self._drop(float("inf"))
            os.close(self._lock)


def _locked(path: Path) -> int:
    """Takes the folder for this process alone. The lock goes with the process, however it ends."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise JournalError(
            f"another wallwatch is measuring into {path.parent}: stop it, or give this one a store of its own with --db"
        ) from None
    return handle
