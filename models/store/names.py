"""Small numbers for what repeats (targets, vantage points, rulings, sentences), remembered between batches."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.store.engine import Sql
from models.store.prepare import Said

_REMEMBERED = 50_000


class Names:
    """Numbers for names, made when first needed, forgotten again where the transaction that made them failed."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, ...], int] = {}
        self._opinions: dict[int, int] = {}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Forgets everything when what it is wrapped around fails: numbers made there were never written."""
        try:
            yield
        except BaseException:
            self.forget()
            raise

    def forget(self) -> None:
        self._numbers.clear()
        self._opinions.clear()

    def target(self, sql: Sql, name: str) -> int:
        return self._numbers.get(("target", name)) or self._number(sql, "target", name)

    def vantage(self, sql: Sql, name: str) -> int:
        return self._numbers.get(("vantage", name)) or self._number(sql, "vantage", name)

    def ruling(self, sql: Sql, rule: str, ruleset: str, fingerprints: str) -> int:
        key = ("ruling", rule, ruleset, fingerprints)
        if key not in self._numbers:
            found = sql.one(
                "SELECT number FROM ruling WHERE rule = ? AND ruleset = ? AND fingerprints = ?",
                (rule, ruleset, fingerprints),
            )
            self._numbers[key] = (
                found[0]
                if found
                else _insert(sql, "ruling", "rule, ruleset, fingerprints", (rule, ruleset, fingerprints))
            )
        return self._numbers[key]

    def opinion(self, sql: Sql, said: Said) -> int:
        if said.hash not in self._opinions:
            if len(self._opinions) >= _REMEMBERED:
                self._opinions.clear()
            found = sql.all("SELECT number, codec, body FROM opinion WHERE hash = ?", (said.hash,))
            same = [number for number, codec, body in found if (codec, bytes(body)) == (said.codec, said.body)]
            self._opinions[said.hash] = (
                same[0] if same else _insert(sql, "opinion", "hash, codec, body", (said.hash, said.codec, said.body))
            )
        return self._opinions[said.hash]

    def _number(self, sql: Sql, table: str, name: str) -> int:
        found = sql.one(f"SELECT number FROM {table} WHERE name = ?", (name,))
        number: int = found[0] if found else _insert(sql, table, "name", (name,))
        self._numbers[table, name] = number
        return number


def _insert(sql: Sql, table: str, columns: str, values: tuple[object, ...]) -> int:
    marks = ", ".join("?" * len(values))
    row = sql.one(
        f"INSERT INTO {table} (number, {columns})"
        f" SELECT coalesce(max(number), 0) + 1, {marks} FROM {table} RETURNING number",
        values,
    )
    return int(row[0]) if row else 0
