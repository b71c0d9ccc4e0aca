"""What is written beside measurements: announcements (append-only), gaps, status documents, episodes."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from models.episode import Episode
from models.store.engine import Row, Sql
from models.store.names import Names, next_number
from models.store.read import FAR, number
from models.store.rows import Announcement, Missed, Status, from_us, to_us
from models.words import EpisodeState

_ANNOUNCEMENT = "number, at, key, kind, target, vantage, episode, text, measurements, supersedes"


def announce(sql: Sql, said: Announcement) -> int | None:
    """Writes an announcement and returns its number, or null where its key was announced before."""
    if sql.one("SELECT number FROM announcement WHERE key = ?", (said.key,)):
        return None
    place = next_number(sql, "announcement", "number")
    sql.run(
        f"INSERT INTO announcement ({_ANNOUNCEMENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(place, to_us(said.at), said.key, said.kind, said.target, said.vantage, said.episode, said.text),
            *(msgspec.json.encode(said.measurements).decode(), said.supersedes),
        ),
    )
    return place


def announcements(sql: Sql, limit: int, before: int | None, **about: str | None) -> list[Announcement]:
    """Returns the latest announcements, newest first, of a target, a vantage point, an episode, or all."""
    named = {column: name for column, name in about.items() if name is not None}
    where = "".join(f" AND {column} = ?" for column in named)
    rows = sql.all(
        f"SELECT {_ANNOUNCEMENT} FROM announcement WHERE number < ?{where} ORDER BY number DESC LIMIT ?",
        (before if before is not None else FAR, *named.values(), limit),
    )
    return [_to_announcement(row) for row in rows]


def _to_announcement(row: Row) -> Announcement:
    return Announcement(
        number=row[0],
        at=from_us(row[1]),
        key=row[2],
        kind=row[3],
        target=row[4],
        vantage=row[5],
        episode=row[6],
        text=row[7],
        measurements=tuple(msgspec.json.decode(row[8])),
        supersedes=row[9],
    )


def put_gap(sql: Sql, gap: Missed) -> None:
    values = (to_us(gap.after), to_us(gap.by), gap.reason, gap.target, gap.vantage)
    place = next_number(sql, "gap", "number")
    sql.run("INSERT INTO gap (number, after, by, reason, target, vantage) VALUES (?, ?, ?, ?, ?, ?)", (place, *values))


def gaps(sql: Sql, target: str | None, vantage: str | None, since: datetime | None, limit: int) -> list[Missed]:
    """Returns the latest gaps that concern a target and a vantage point (those of all of them included), newest first."""
    where, values = ["by > ?"], [to_us(since) if since else -FAR]
    for column, name in (("target", target), ("vantage", vantage)):
        if name is not None:
            where.append(f"({column} IS NULL OR {column} = ?)")
            values.append(name)  # type: ignore[arg-type]
    rows = sql.all(
        f"SELECT after, by, reason, target, vantage FROM gap WHERE {' AND '.join(where)} ORDER BY after DESC LIMIT ?",
        (*values, limit),
    )
    return [Missed(after=from_us(a), by=from_us(b), reason=why, target=t, vantage=v) for a, b, why, t, v in rows]


def put_status(sql: Sql, name: str, at: datetime, document: object) -> None:
    sql.run(
        "INSERT INTO status (name, at, document) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET at = excluded.at, document = excluded.document",
        (name, to_us(at), msgspec.json.encode(document).decode()),
    )


def statuses(sql: Sql) -> dict[str, Status]:
    rows = sql.all("SELECT name, at, document FROM status WHERE name NOT LIKE ?", ("store:%",))
    return {name: Status(name=name, at=from_us(at), document=msgspec.json.decode(text)) for name, at, text in rows}


def replace_episodes(
    sql: Sql, names: Names, pair: tuple[str, str], found: Sequence[Episode], from_onset: datetime | None
) -> None:
    """Puts a pair's episodes in the place of those that were there, or of those whose onset is not before `from_onset`."""
    target, vantage = names.target(sql, pair[0]), names.vantage(sql, pair[1])
    start = to_us(from_onset) if from_onset is not None else -FAR
    sql.run("DELETE FROM episode WHERE target = ? AND vantage = ? AND onset_by >= ?", (target, vantage, start))
    sql.many(
        "INSERT INTO episode (id, target, vantage, onset_by, state, body) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET onset_by = excluded.onset_by, state = excluded.state, body = excluded.body",
        [(one.id, target, vantage, to_us(one.onset.by), str(one.state), msgspec.json.encode(one)) for one in found],
    )
    last = sql.one(
        "SELECT id, state FROM episode WHERE target = ? AND vantage = ? ORDER BY onset_by DESC LIMIT 1",
        (target, vantage),
    )
    sql.run(
        "UPDATE current SET episode = ?, episode_state = ? WHERE target = ? AND vantage = ?",
        (*(last or (None, None)), target, vantage),
    )


def episodes(
    sql: Sql, target: str | None, vantage: str | None, state: EpisodeState | None, limit: int
) -> list[Episode]:
    """Returns the latest episodes, by onset, newest first."""
    where, values = ["1 = 1"], []
    for table, name in (("target", target), ("vantage", vantage)):
        if name is not None:
            where.append(f"{table} = ?")
            values.append(number(sql, table, name))
    if state is not None:
        where.append("state = ?")
        values.append(str(state))  # type: ignore[arg-type]
    rows = sql.all(
        f"SELECT body FROM episode WHERE {' AND '.join(where)} ORDER BY onset_by DESC LIMIT ?",
        (*values, limit),
    )
    return [msgspec.json.decode(body, type=Episode) for (body,) in rows]


def episode(sql: Sql, name: str) -> Episode | None:
    row = sql.one("SELECT body FROM episode WHERE id = ?", (name,))
    return msgspec.json.decode(row[0], type=Episode) if row else None
