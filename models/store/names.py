"""Small numbers for what repeats (targets, vantage points, rulings, sentences), remembered between batches."""

from models.store.engine import Row, Sql
from models.store.prepare import Said
from models.verdict import Verdict

_REMEMBERED = 50_000


class Names:
    """Numbers for names, made when first needed; the writer forgets them where the transaction that made them failed."""

    def __init__(self) -> None:
        self._targets: dict[str, int] = {}
        self._vantages: dict[str, int] = {}
        self._rulings: dict[Row, int] = {}
        self._verdicts: dict[bytes, Row] = {}

    def forget(self) -> None:
        for numbers in (self._targets, self._vantages, self._rulings, self._verdicts):
            numbers.clear()

    def target(self, sql: Sql, name: str) -> int:
        return self._targets.get(name) or _named(sql, "target", name, self._targets)

    def vantage(self, sql: Sql, name: str) -> int:
        return self._vantages.get(name) or _named(sql, "vantage", name, self._vantages)

    def verdict(self, sql: Sql, said: Said) -> Row:
        """Returns a verdict's columns: outcome, stage, mechanism, also, ruling, opinion."""
        found = self._verdicts.get(said.body)
        if found is None:
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            found = self._verdicts[said.body] = self._columns(sql, said)
        return found

    def _columns(self, sql: Sql, said: Said) -> Row:
        verdict = said.verdict
        return (
            *(str(verdict.outcome), _text(verdict.stage), _text(verdict.mechanism), " ".join(verdict.also) or None),
            *(self._ruling(sql, verdict), _opinion(sql, said)),
        )

    def _ruling(self, sql: Sql, verdict: Verdict) -> int:
        key = (verdict.rule, verdict.ruleset, verdict.fingerprints or "")
        if key not in self._rulings:
            row = sql.one("SELECT number FROM ruling WHERE rule = ? AND ruleset = ? AND fingerprints = ?", key)
            self._rulings[key] = row[0] if row else _insert(sql, "ruling", "rule, ruleset, fingerprints", key)
        return self._rulings[key]


def _opinion(sql: Sql, said: Said) -> int:
    rows = sql.all("SELECT number, codec, body FROM opinion WHERE hash = ?", (said.hash,))
    same: list[int] = [number for number, codec, body in rows if (codec, bytes(body)) == (said.codec, said.body)]
    return same[0] if same else _insert(sql, "opinion", "hash, codec, body", (said.hash, said.codec, said.body))


def _named(sql: Sql, table: str, name: str, numbers: dict[str, int]) -> int:
    row = sql.one(f"SELECT number FROM {table} WHERE name = ?", (name,))
    numbers[name] = row[0] if row else _insert(sql, table, "name", (name,))
    return numbers[name]


def _insert(sql: Sql, table: str, columns: str, values: Row) -> int:
    marks = ", ".join("?" * len(values))
    row = sql.one(
        f"INSERT INTO {table} (number, {columns})"
        f" SELECT coalesce(max(number), 0) + 1, {marks} FROM {table} RETURNING number",
        values,
    )
    return int(row[0]) if row else 0


def next_number(sql: Sql, table: str, column: str) -> int:
    """Returns the next number of an append-only table; writers hold the lock, so nobody else takes it."""
    row = sql.one(f"SELECT max({column}) FROM {table}")
    return (row[0] or 0) + 1 if row else 1


def _text(word: str | None) -> str | None:
    return None if word is None else str(word)
