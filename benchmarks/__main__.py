"""All benchmarks, one after the other: `python -m benchmarks [--quick] [NAME…]`. Each prints its goals beside its figures.

--quick shows in minutes that they run and roughly where they stand; figures for docs/performance.md come without it.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

_HERE = Path(__file__).parent
_QUICK: dict[str, tuple[str, ...]] = {
    "engine": ("--rounds", "1", "--count", "300"),
    "patience": ("--silent", "800", "--healthy", "200"),
    "ingest": ("--count", "4000", "--rounds", "2"),
    "pages_data": ("--small", "20000", "--large", "200000", "--rounds", "5"),
    "pages": ("--people", "10", "--seconds", "8"),
    "schedule": ("--pairs", "2000", "--seconds", "5"),
    "dates": ("--worlds", "3", "--years", "10", "--millions", "1"),
}
"""Each benchmark with what makes it quick."""


def _run(name: str, quick: bool) -> bool:
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    command = [sys.executable, str(_HERE / f"{name}.py"), *(_QUICK[name] if quick else ())]
    ended = subprocess.run(command, cwd=_HERE.parent, check=False)
    print(f"({name}: {time.monotonic() - began:.0f} s, exit {ended.returncode})", flush=True)
    return ended.returncode == 0


def main() -> int:
    """Returns 1 where a benchmark did not run to its end; a goal that was not reached is a figure, no error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_QUICK)}; all where none is named")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    unknown = sorted(set(given.names) - set(_QUICK))
    if unknown:
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(_QUICK)}")
    ran = [_run(name, given.quick) for name in given.names or _QUICK]
    return 0 if all(ran) else 1


if __name__ == "__main__":
    sys.exit(main())
