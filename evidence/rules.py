"""The rules: ordered tables of data. First that holds wins, ids are append-only, the last of each table always holds."""

from evidence.rule import Rule
from evidence.rules_dns import DNS
from evidence.rules_http import HTTP
from evidence.rules_measurement import MEASUREMENT
from evidence.rules_tcp import TCP
from evidence.rules_tls import TLS

STAGES: dict[str, tuple[Rule, ...]] = {"dns": DNS, "tcp": TCP, "tls": TLS, "http": HTTP}
"""Asked in this order for each hop of the walk, after the measurement's own table let the look pass."""

TABLES: dict[str, tuple[Rule, ...]] = {"measurement": MEASUREMENT, **STAGES}

ALL: tuple[Rule, ...] = tuple(rule for table in TABLES.values() for rule in table)
