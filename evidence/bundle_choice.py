"""Which looks of an episode go into its bundle, and the series that its dates follow from."""

from collections.abc import Sequence
from dataclasses import dataclass

from evidence.bundle_zip import BundleError
from evidence.episode_series import Outage
from evidence.episodes import episodes, to_json
from models.episode import Episode, Look
from models.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a bundle is about: an episode with its series, or one measurement."""

    name: str
    target: str
    vantage: str
    series: Sequence[Look]
    chosen: Sequence[Look]  # whose records go in, in time order
    of: int  # how many there are to choose from
    episode: Episode | None = None
    outages: tuple[Outage, ...] = ()

    @property
    def folder(self) -> str:
        kind = "episode" if self.episode else "measurement"
        return f"wallwatch-{kind}-{self.name.removeprefix('sha256:')[:16]}"


def of_episode(store: Store, episode: Episode, *, most: int | None, outages: Sequence[Outage] = ()) -> Subject:
    """Returns an episode with its looks, from the last one before it to the first one after it.

    Raises BundleError where the stored episode no longer follows from the stored looks.
    """
    series = store.looks(episode.target, episode.vantage)
    _must_follow(episode, series, outages)
    first, last = episode.onset.after or episode.onset.by, episode.release.by if episode.release else episode.last_look
    within = [look for look in series if first <= look.at <= last and look.measurement]
    return Subject(
        name=episode.id,
        target=episode.target,
        vantage=episode.vantage,
        series=series,
        chosen=chosen(within, episode, most),
        of=len(within),
        episode=episode,
        outages=tuple(outages),
    )


def of_measurement(store: Store, name: str) -> Subject:
    """Returns one measurement. Raises BundleError where it is not in the store."""
    record, verdict = store.measurement(name), store.verdict(name)
    if record is None or verdict is None:
        raise BundleError(f"no judged measurement {name} in {store.place}; `wallwatch judge` judges what is stored")
    look = Look(record.started, verdict.outcome, verdict.mechanism, name)
    return Subject(name=name, target=record.target.id, vantage=record.vantage.id, series=[look], chosen=[look], of=1)


def follows(
    episode: dict[str, object], target: str, vantage: str, series: Sequence[Look], outages: Sequence[Outage]
) -> bool:
    """Tells whether an episode, in the contract's form, is what the fold of a series gives."""
    known = {each.id: _comparable(to_json(each)) for each in episodes(target, vantage, series, outages=outages)}
    return known.get(str(episode.get("id"))) == _comparable(episode)


def _comparable(episode: dict[str, object]) -> dict[str, object]:
    # How many other targets changed with it does not show in one series.
    return {key: value for key, value in episode.items() if key != "wave"}


def _must_follow(episode: Episode, series: Sequence[Look], outages: Sequence[Outage]) -> None:
    if not follows(to_json(episode), episode.target, episode.vantage, series, outages):
        raise BundleError(
            f"episode {episode.id} no longer follows from the looks that are stored; run `wallwatch judge`, then try again"
        )


def chosen(looks: Sequence[Look], episode: Episode, most: int | None) -> list[Look]:
    """Returns at most so many looks: those at both ends first, then some evenly between."""
    if most is None or len(looks) <= most:
        return list(looks)
    ends = _ends(episode)
    ranked = sorted(range(len(looks)), key=lambda at: (ends.get(looks[at].measurement or "", len(ends)), at))
    kept = [at for at in ranked if (looks[at].measurement or "") in ends][:most]
    rest = [at for at in range(len(looks)) if at not in set(kept)]
    room = most - len(kept)
    kept += [rest[number * len(rest) // room] for number in range(room)]
    return [looks[at] for at in sorted(kept)]


def _ends(episode: Episode) -> dict[str, int]:
    edges = [episode.onset, *([episode.release] if episode.release else [])]
    named = [name for edge in edges for name in (edge.by_measurement, edge.after_measurement) if name]
    return {name: rank for rank, name in enumerate(dict.fromkeys([*named, *episode.witnesses]))}
