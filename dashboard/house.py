"""What this process was started with. Streamlit runs the pages as a script and can pass them nothing, so it stands here."""

from dataclasses import dataclass
from pathlib import Path

from dashboard.configuration import ConfigurationKeeper
from dashboard.reading import Reader


@dataclass(frozen=True, slots=True)
class House:
    """The store, read-only, and the configuration."""

    reader: Reader
    keeper: ConfigurationKeeper


_opened: list[House] = []


def open_house(db: str, config: Path) -> House:
    """Sets what the pages and the API read from; a later call replaces it (tests do)."""
    house = House(Reader(db), ConfigurationKeeper(config))
    _opened[:] = [house]
    return house


def the_house() -> House:
    """Returns what `open_house` set; RuntimeError when nothing did."""
    if not _opened:
        raise RuntimeError("nothing to show yet: start the pages with `python -m dashboard --db URL --config FILE`")
    return _opened[0]
