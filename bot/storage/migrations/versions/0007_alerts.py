"""What somebody at the desk must be told, who keeps a ticket in sight, and since when somebody is on duty."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table, add the columns."""
    op.add_column("staff", sa.Column("duty_since", sa.Float(), nullable=True))
    op.add_column("tickets", sa.Column("watcher_id", ID, nullable=True))
    op.create_table(
        "alerts",
        sa.Column("id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=True),
        sa.Column("seen_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_alerts_ticket_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_alerts_staff_id")),
        sa.ForeignKeyConstraint(["seen_by"], ["staff.id"], name=op.f("fk_alerts_seen_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    unseen = sa.text("seen_at IS NULL")
    op.create_index(
        "alerts_unseen", "alerts", ["staff_id"], sqlite_where=unseen, postgresql_where=unseen
    )
    op.create_index("alerts_of_ticket", "alerts", ["ticket_id"])
