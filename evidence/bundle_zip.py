"""A zip in exactly one form: stored, in a fixed order, no times, no extra fields; so that every bit of it can be checked.

Packed files would depend on the version of zlib, and hold bits that no checksum covers (PKWARE APPNOTE 6.3).
"""

import hashlib
import os
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from models.errors import WallwatchError

PIECE = 1 << 20
_LARGEST = 0xFFFFFFFE
_MANY = 0xFFFF
_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_LONGEST_NAME = 250
_DAY_ONE = (0, 0x21)  # 1980-01-01 00:00, the first that the format knows
_UNIX = 3 << 8 | 20
_MODE = 0o100644 << 16
_LOCAL, _CENTRAL, _END = b"PK\3\4", b"PK\1\2", b"PK\5\6"


class BundleError(WallwatchError):
    """A bundle cannot be written, or is none."""


class DamagedError(Exception):
    """The zip is not in the one form: the message says where."""


class Entry(NamedTuple):
    """One file of a zip."""

    name: str
    crc: int
    size: int
    offset: int  # of its header

    @property
    def local(self) -> bytes:
        name = self.name.encode("ascii")
        fixed = struct.pack("<4s5H3I2H", _LOCAL, 20, 0, 0, *_DAY_ONE, self.crc, self.size, self.size, len(name), 0)
        return fixed + name

    @property
    def central(self) -> bytes:
        name = self.name.encode("ascii")
        head = struct.pack("<4s6H3I", _CENTRAL, _UNIX, 20, 0, 0, *_DAY_ONE, self.crc, self.size, self.size)
        return head + struct.pack("<5H2I", len(name), 0, 0, 0, 0, _MODE, self.offset) + name


def is_safe(name: str) -> bool:
    """Tells whether a path stays where it is unpacked, on every system."""
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def _end(count: int, start: int, size: int) -> bytes:
    told = min(count, _MANY)
    plain = struct.pack("<4s4H2IH", _END, 0, 0, told, told, size, start, 0)
    if count < _MANY:
        return plain
    big = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, _UNIX, 45, 0, 0, count, count, size, start)
    return big + struct.pack("<4sIQI", b"PK\6\7", 0, start + size, 1) + plain


class ZipWriter:
    """Writes the one form, file after file, without ever going back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at = 0
        self._entries: list[Entry] = []

    def add(self, name: str, content: BinaryIO) -> tuple[str, int]:
        """Writes a file that can be read twice; returns its SHA-256 and its size."""
        if not is_safe(name):
            raise BundleError(f"{name!r} cannot be the name of a file in a bundle")
        crc = size = 0
        digest = hashlib.sha256()
        for piece in pieces(content):
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            digest.update(piece)
        if self._at + size > _LARGEST:
            raise BundleError("the bundle would be larger than 4 GiB; take fewer measurements with --most N")
        entry = Entry(name, crc, size, self._at)
        self._write(entry.local)
        for piece in pieces(content):
            self._write(piece)
        self._entries.append(entry)
        return digest.hexdigest(), size

    def finish(self) -> None:
        start = self._at
        for entry in self._entries:
            self._write(entry.central)
        if self._at > _LARGEST:
            raise BundleError("the bundle would be larger than 4 GiB; take fewer measurements with --most N")
        self._write(_end(len(self._entries), start, self._at - start))

    def _write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._at += len(piece)


def pieces(content: BinaryIO) -> Iterator[bytes]:
    """Yields a file from its beginning."""
    content.seek(0)
    while piece := content.read(PIECE):
        yield piece


@dataclass(frozen=True, slots=True)
class Found:
    """A file found in a zip."""

    start: int
    size: int
    sha256: str


def entries(file: BinaryIO) -> dict[str, Found]:
    """Reads a zip of the one form, every byte of it, with a bounded piece in memory.

    Raises DamagedError where a byte is not what it must be.
    """
    whole = file.seek(0, os.SEEK_END)
    found: dict[str, Found] = {}
    read: list[Entry] = []
    at, name = file.seek(0), "the first file"
    while (head := file.read(30))[:4] == _LOCAL and len(head) == 30:
        entry = _entry(file, head, at, whole, name)
        if entry.name in found:
            raise DamagedError(f"{entry.name} is there twice")
        found[entry.name] = _content(file, entry)
        read.append(entry)
        at, name = file.tell(), f"what follows {entry.name}"
    file.seek(at)
    start = at
    for entry in read:
        _same(file, entry.central, f"the directory's line of {entry.name}")
    _same(file, _end(len(read), start, file.tell() - start), "the directory's end")
    if file.tell() != whole:
        raise DamagedError(f"{whole - file.tell()} bytes follow the end")
    return found


def _entry(file: BinaryIO, head: bytes, at: int, whole: int, where: str) -> Entry:
    crc, size, _, length, _ = struct.unpack_from("<3I2H", head, 14)
    raw = file.read(min(length, _LONGEST_NAME))
    name = raw.decode("latin-1")
    if not is_safe(name):
        raise DamagedError(f"the header of {where} names {name[:80]!r}, which is no safe path")
    entry = Entry(name, crc, size, at)
    if entry.local != head + raw or file.tell() + size > whole:
        raise DamagedError(f"the header of {name} (byte {at}) is not as it was written")
    return entry


def _content(file: BinaryIO, entry: Entry) -> Found:
    start, left, crc = file.tell(), entry.size, 0
    digest = hashlib.sha256()
    while left:
        piece = file.read(min(PIECE, left))
        if not piece:
            raise DamagedError(f"{entry.name} is cut short")
        crc, left = zlib.crc32(piece, crc), left - len(piece)
        digest.update(piece)
    if crc != entry.crc:
        raise DamagedError(f"{entry.name} is not as it was written: its checksum differs")
    return Found(start, entry.size, digest.hexdigest())


def _same(file: BinaryIO, expected: bytes, what: str) -> None:
    at = file.tell()
    if file.read(len(expected)) != expected:
        raise DamagedError(f"{what} (byte {at}) is not as it was written")
