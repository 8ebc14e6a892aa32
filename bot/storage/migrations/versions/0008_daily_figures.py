"""What each day counted, kept when its chats are gone; passwords that somebody else chose."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

COUNTS = (
    "consultations",
    "alone",
    "credit",
    "fraud",
    "credit_repairs",
    "fraud_reports",
    "tickets",
    "closed",
    "rated_5",
    "rated_4",
    "rated_3",
    "rated_2",
    "rated_1",
)


def upgrade() -> None:
    """Create the table, add the column."""
    op.create_table(
        "daily_figures",
        sa.Column("day", sa.String(10), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_figures")),
    )
    op.add_column(
        "staff", sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false())
    )
