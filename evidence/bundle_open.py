"""A bundle opened for checking, zip or unpacked folder: nothing is unpacked, nothing is believed."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from evidence.bundle_zip import PIECE, BundleError, DamagedError, Found, entries, is_safe

_LARGEST = 64 << 20  # of one file that is read as a whole, and of one line
_MOST_FILES = 2_000_000


@dataclass(slots=True)
class Opened:
    """The files of a bag by their path within it, each read once already, with its SHA-256."""

    name: str
    files: dict[str, Found]
    zip: BinaryIO | None = None
    folder: Path | None = None
    problems: list[str] = field(default_factory=list)

    def read(self, path: str) -> bytes:
        """Returns a file. Raises ValueError where it is not there, or larger than anything read as a whole."""
        found = self.files.get(path)
        if found is None:
            raise ValueError(f"{path} is missing")
        if found.size > _LARGEST:
            raise ValueError(f"{path} is larger than {_LARGEST} bytes")
        return b"".join(self.pieces(path))

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yields a file piece by piece."""
        found = self.files.get(path)
        if found is None:
            raise ValueError(f"{path} is missing")
        if self.zip is None:
            assert self.folder is not None
            with (self.folder / path).open("rb") as file:
                yield from _some(file, found.size)
            return
        at, left = found.start, found.size
        while left:
            self.zip.seek(at)
            piece = self.zip.read(min(PIECE, left))
            if not piece:
                raise ValueError(f"{path} is cut short")
            at, left = at + len(piece), left - len(piece)
            yield piece

    def lines(self, path: str) -> Iterator[bytes]:
        """Yields the lines of a file. Raises ValueError for one that is longer than anything read as a whole."""
        rest = b""
        for piece in self.pieces(path):
            *whole, rest = (rest + piece).split(b"\n")
            yield from whole
            if len(rest) > _LARGEST:
                raise ValueError(f"{path} has a line of more than {_LARGEST} bytes")
        if rest:
            yield rest


def open_zip(path: Path, file: BinaryIO) -> Opened:
    """Reads a zip, every byte of it. Raises BundleError where it is none of ours."""
    head = file.read(512)
    if b"wallwatch-" not in head and b"bagit.txt" not in head:
        raise BundleError(f"{path} is no evidence bundle: it does not begin like what `wallwatch bundle` writes")
    try:
        found = entries(file)
    except DamagedError as error:
        hint = "Where another program packed it again, unpack it and verify the folder."
        return Opened(path.name, {}, problems=[f"{error}. {hint}"])
    folders = {name.partition("/")[0] for name in found}
    if len(folders) != 1:
        return Opened(path.name, {}, problems=[f"a bundle has one folder, this has {', '.join(sorted(folders)[:5])}"])
    [folder] = folders
    return Opened(folder, {name.partition("/")[2]: each for name, each in found.items()}, zip=file)


def open_folder(path: Path) -> Opened:
    """Reads an unpacked bundle. Raises BundleError where it is none."""
    if not (path / "bagit.txt").is_file():
        raise BundleError(f"{path} is no evidence bundle: there is no bagit.txt in it")
    opened = Opened(path.resolve().name, {}, folder=path)
    for place, folders, names in os.walk(path, followlinks=False):
        for name in sorted([*names, *(each for each in folders if (Path(place) / each).is_symlink())]):
            file = Path(place) / name
            _take(opened, file.relative_to(path).as_posix(), file)
            if len(opened.files) > _MOST_FILES:
                raise BundleError(f"{path} is no evidence bundle: it has more than {_MOST_FILES} files")
    return opened


def _take(opened: Opened, name: str, file: Path) -> None:
    if file.is_symlink() or not file.is_file():
        opened.problems.append(f"{name} is no plain file")
    elif not is_safe(name):
        opened.problems.append(f"{name!r} does not belong here")
    else:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        opened.files[name] = Found(0, file.stat().st_size, digest)


def _some(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (piece := file.read(min(PIECE, size))):
        size -= len(piece)
        yield piece
