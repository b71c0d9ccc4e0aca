"""Samples: records are packed against an earlier record of the same target."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Added in place: a batch operation would copy the table and lose the triggers that keep it as it is.
    op.add_column("record", sa.Column("base", _WIDE, nullable=True))
    op.create_table(
        "sample",
        sa.Column("target", _WIDE, autoincrement=False, nullable=False),
        sa.Column("period", _WIDE, autoincrement=False, nullable=False),
        sa.Column("blob", _WIDE, nullable=False),
        sa.PrimaryKeyConstraint("target", "period", name="pk_sample"),
    )


def downgrade() -> None:
    raise NotImplementedError("records are never taken apart; restore a backup instead")
