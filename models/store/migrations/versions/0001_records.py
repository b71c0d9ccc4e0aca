"""Records, blobs, announcements, gaps, status documents; triggers that keep what must not change as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UNCHANGING = ("record", "blob", "within", "announcement")


def upgrade() -> None:
    _names()
    _evidence()
    _journal()
    for table in _UNCHANGING:
        _freeze(table)


def downgrade() -> None:
    raise NotImplementedError("records are never taken apart; restore a backup instead")


def _names() -> None:
    for table in ("target", "vantage"):
        op.create_table(
            table,
            sa.Column("number", _WIDE, nullable=False),
            sa.Column("name", sa.String(), nullable=False),
            sa.PrimaryKeyConstraint("number", name=f"pk_{table}"),
            sa.UniqueConstraint("name", name=f"uq_{table}_name"),
        )


def _evidence() -> None:
    op.create_table(
        "record",
        sa.Column("seq", _WIDE, autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("target", _WIDE, nullable=False),
        sa.Column("vantage", _WIDE, nullable=False),
        sa.Column("at", _WIDE, nullable=False),
        sa.Column("codec", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_record"),
        sa.UniqueConstraint("id", name="uq_record_id"),
    )
    op.create_table(
        "within",
        sa.Column("first", _WIDE, autoincrement=False, nullable=False),
        sa.Column("last", _WIDE, nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("first", name="pk_within"),
    )
    op.create_table(
        "blob",
        sa.Column("seq", _WIDE, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("codec", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_blob"),
        sa.UniqueConstraint("digest", name="uq_blob_digest"),
    )


def _journal() -> None:
    op.create_table(
        "announcement",
        sa.Column("number", _WIDE, autoincrement=False, nullable=False),
        sa.Column("at", _WIDE, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=True),
        sa.Column("vantage", sa.String(), nullable=True),
        sa.Column("episode", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("measurements", sa.String(), nullable=False),
        sa.Column("supersedes", _WIDE, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_announcement"),
        sa.UniqueConstraint("key", name="uq_announcement_key"),
    )
    op.create_table(
        "gap",
        sa.Column("number", _WIDE, autoincrement=False, nullable=False),
        sa.Column("after", _WIDE, nullable=False),
        sa.Column("by", _WIDE, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=True),
        sa.Column("vantage", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_gap"),
    )
    op.create_index("ix_gap_after", "gap", ["after"])
    op.create_table(
        "status",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", _WIDE, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_status"),
    )


def _freeze(table: str) -> None:
    """Refuses changes; a retention that is meant to delete must take the trigger away first, and says so by doing it."""
    said = f"{table}: what was measured or announced is never changed"
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_unchanging() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_unchanging BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_unchanging()"
    )
