"""Where a citation's facts come from: the store's episode, and the record of one of its witnesses."""

from dataclasses import replace
from difflib import get_close_matches

from evidence.citation import CitationError, Cited, printable
from models.episode import Episode
from models.store import Store
from models.words import Outcome

_MOST = 1 << 31


def found(store: Store, name: str) -> Episode:
    """Returns the episode of that id. Raises CitationError that names the nearest ids."""
    episode = store.episode(name)
    if episode is not None:
        return episode
    known = [each.id for each in store.episodes(limit=_MOST)]
    near = get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    if near:
        advice = f"did you mean {' or '.join(near)}?"
    elif known:
        advice = f"`wallwatch episodes` lists the {len(known)} that there are."
    else:
        advice = "there are no episodes in it yet; `wallwatch judge` folds what is stored."
    raise CitationError(f"no episode {printable(name)!r} in {store.place}: {advice}")


def cited(store: Store, episode: Episode, *, publisher: str | None = None, permalink: str | None = None) -> Cited:
    """Returns what a citation of this episode says. Raises CitationError where its records are gone."""
    looks = store.looks(episode.target, episode.vantage, episode.onset.by)
    blocked = [look for look in looks if look.at <= episode.last_blocked]
    name = next((look.measurement for look in blocked if look.measurement), None)
    record = store.measurement(name) if name else None
    if record is None:
        raise CitationError(
            f"the records behind episode {episode.id} are not in {store.place}; run `wallwatch judge` on the store that has them"
        )
    settled = sum(look.outcome is Outcome.CONFIRMED for look in blocked)
    facts = Cited(episode=episode, url=record.target.url, publisher=publisher, permalink=permalink, settled=settled)
    where = record.vantage
    return replace(
        facts,
        country=where.country,
        asn=where.asn,
        network=where.network,
        simulated=record.simulated,
        origin=record.origin,
    )
