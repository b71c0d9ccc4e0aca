"""How bytes rest in the store: zstd, with shipped dictionaries; a record and its own small blobs in one frame.

A dictionary never changes once it has shipped: a new one gets a new number. `benchmarks/dictionary.py` makes them.
"""

import hashlib
import struct
from collections.abc import Sequence
from importlib.resources import files
from threading import local

import zstandard

PLAIN, ZSTD, RECORD_1, SAMPLE = 0, 1, 2, 3  # written into stores: append only
LARGEST = 64 << 20  # nothing here unpacks to more than this
_LEVEL = 3
_DICTIONARIES = {RECORD_1: "record-1.zdict"}


class _Coders(local):
    """Compressors and decompressors, which must not be shared by threads."""

    def __init__(self) -> None:
        self.pack: dict[int, zstandard.ZstdCompressor] = {ZSTD: zstandard.ZstdCompressor(level=_LEVEL)}
        self.unpack: dict[int, zstandard.ZstdDecompressor] = {ZSTD: zstandard.ZstdDecompressor()}
        for codec, name in _DICTIONARIES.items():
            content = zstandard.ZstdCompressionDict(files("models.store").joinpath(name).read_bytes())
            self.pack[codec] = zstandard.ZstdCompressor(level=_LEVEL, dict_data=content, write_dict_id=False)
            self.unpack[codec] = zstandard.ZstdDecompressor(dict_data=content)


_CODERS = _Coders()


def pack(content: bytes, codec: int) -> tuple[int, bytes]:
    """Returns the codec used and the packed bytes; falls back to the plain ones where packing does not help."""
    packed = _CODERS.pack[codec].compress(content)
    return (codec, packed) if len(packed) < len(content) else (PLAIN, content)


def unpack(codec: int, packed: bytes, against: zstandard.ZstdDecompressor | None = None) -> bytes:
    """Undoes `pack`; what was packed against a sample needs its `unpacker`. Raises ValueError for bytes that were not packed."""
    if codec == PLAIN:
        return packed
    try:
        if zstandard.frame_content_size(packed) > LARGEST:
            raise ValueError("claims to be larger than anything that is stored")
        return (against or _CODERS.unpack[codec]).decompress(packed, max_output_size=LARGEST)
    except (zstandard.ZstdError, KeyError) as error:
        raise ValueError(f"cannot be unpacked: {error}") from error


def packer(sample: bytes) -> zstandard.ZstdCompressor:
    """Returns what packs against a sample. Small tables: many samples are at hand, and large ones would not fit the caches."""
    settings = zstandard.ZstdCompressionParameters.from_level(
        1, hash_log=11, chain_log=12, window_log=18, write_dict_id=0
    )
    return zstandard.ZstdCompressor(compression_params=settings, dict_data=_as_dictionary(sample))


def unpacker(sample: bytes) -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor(dict_data=_as_dictionary(sample))


def _as_dictionary(sample: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(sample, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def join(parts: Sequence[bytes]) -> bytes:
    """Returns a record and its own blobs as one run of bytes that `split` takes apart."""
    return struct.pack(f"<B{len(parts)}I", len(parts), *map(len, parts)) + b"".join(parts)


def split(joined: bytes) -> list[bytes]:
    """Undoes `join`. Raises ValueError for bytes that are not joined."""
    try:
        sizes = struct.unpack_from(f"<{joined[0]}I", joined, 1)
    except (struct.error, IndexError) as error:
        raise ValueError("not a record with its blobs") from error
    parts, at = [], 1 + 4 * len(sizes)
    for size in sizes:
        parts.append(joined[at : at + size])
        at += size
    if at != len(joined):
        raise ValueError("a record with its blobs is cut short")
    return parts


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def to_name(digest: bytes) -> str:
    return "sha256:" + digest.hex()


def from_name(name: str) -> bytes:
    """Returns the 32 bytes that `sha256:<hex>` stands for. Raises ValueError for anything else."""
    if len(name) != 71 or name[:7] != "sha256:":
        raise ValueError(f"expected sha256:<64 hex digits>, got {name[:80]!r}")
    return bytes.fromhex(name[7:])
