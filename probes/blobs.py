"""Collects the bytes that observations name: bodies, certificates, messages; each kept once."""

from collections.abc import Iterator, Mapping

from models.measurement import digest


class Blobs(Mapping[str, bytes]):
    """A mapping from `sha256:…` to the bytes; grows by `put` alone."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        """Keeps the bytes and returns their name."""
        name = digest(content)
        self._kept.setdefault(name, bytes(content))
        return name

    def __getitem__(self, name: str) -> bytes:
        return self._kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)
