"""How often a prober looks for garbage: with thousands of looks in flight, one full search holds all of them up for 0.2 s."""

import gc

# A look leaves next to no cycles behind; CPython's own 700, 10, 10 is for small heaps.
_YOUNG, _MIDDLE, _OLD = 20_000, 20, 10


def seldom_search() -> None:
    """Leaves out what was imported, which lives as long as the process, and searches the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
