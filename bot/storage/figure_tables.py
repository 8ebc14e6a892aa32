"""What each day counted: numbers only, nothing of a person, so no retention ends it. Conventions as in `tables.py`."""

from sqlalchemy import Column, Integer, String, Table

from bot.storage.tables import metadata

daily_figures = Table(
    "daily_figures",
    metadata,
    Column("day", String(10), primary_key=True),  # 2026-11-24, in the district
    Column("consultations", Integer, nullable=False),  # chats that asked something
    Column("alone", Integer, nullable=False),  # of them answered without a person
    Column("credit", Integer, nullable=False),  # of them about credit
    Column("fraud", Integer, nullable=False),  # of them about fraud, or with a sign of it
    Column("credit_repairs", Integer, nullable=False),  # finished credit repair forms, tickets of that queue
    Column("fraud_reports", Integer, nullable=False),  # finished fraud reports, tickets of that queue
    Column("tickets", Integer, nullable=False),  # opened
    Column("closed", Integer, nullable=False),
    Column("rated_5", Integer, nullable=False),
    Column("rated_4", Integer, nullable=False),
    Column("rated_3", Integer, nullable=False),
    Column("rated_2", Integer, nullable=False),
    Column("rated_1", Integer, nullable=False),
)
