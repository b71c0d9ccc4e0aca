"""After each batch: pages that came instead of several unrelated sites, which no single look can tell for what they are."""

from collections.abc import Sequence

import structlog

from evidence.fingerprint_cluster import COUNTED, SPAN, Sighting, raised, sighting
from models.measurement import digest
from models.store import Judged, Store
from models.verdict import Verdict
from scheduler.folding import Folding
from scheduler.timetable import Pair

MOST = 2000  # looks that are remembered for each vantage point
log = structlog.get_logger("clusters")


class Clusters:
    """Remembers a week of unexplained pages for each vantage point; after a restart `wallwatch judge` knows all.

    Runs in the store's thread alone.
    """

    def __init__(self, store: Store, folding: Folding) -> None:
        self._store, self._folding = store, folding
        self._seen: dict[str, list[tuple[Sighting, Verdict]]] = {}

    def written(self, batch: Sequence[Judged]) -> None:
        """Folds what a batch touched, and raises to a suspicion what it shows to be one page for many sites."""
        self._folding.written(batch)
        touched = {one.vantage for each in batch if (one := self._remember(each))}
        for vantage in sorted(touched):
            self._raise(vantage)

    def _remember(self, each: Judged) -> Sighting | None:
        if each.verdict.rule not in COUNTED:
            return None
        measurement = each.finished.measurement
        name = digest(each.record or measurement.to_canonical())
        try:
            one = sighting(name, measurement, each.finished.blobs, each.verdict)
        except Exception:
            log.exception("a page could not be compared with others", target=measurement.target.id)
            return None
        if one is not None:
            seen = self._seen.setdefault(one.vantage, [])
            seen.append((one, each.verdict))
            self._seen[one.vantage] = [kept for kept in seen if one.at - kept[0].at <= SPAN][-MOST:]
        return one

    def _raise(self, vantage: str) -> None:
        seen = self._seen[vantage]
        found = raised({one.measurement: verdict for one, verdict in seen}, [one for one, _ in seen])
        changes = self._store.rejudge(found.items()).changes if found else ()
        for pair in sorted({Pair(change.target, change.vantage) for change in changes}):
            self._folding.fold_whole(pair)
        if changes:
            log.info("one page for many sites", vantage=vantage, looks=len(changes))
