"""`build(config)`: the only place where concrete classes meet."""

import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.config import Config, Hours, Shift
from bot.content import load_desk, load_wording
from bot.conversation.engine import Clock, Engine, Settings
from bot.conversation.playbook import FormBook
from bot.doctor import writable
from bot.encoders import open_encoder
from bot.errors import ConfigError
from bot.library import Library
from bot.storage.database import Database, open_database
from bot.tickets import roster
from bot.tickets.desk import Desk
from bot.tickets.model import Priority
from bot.tickets.office_hours import IsWorkday, OfficeHours, china
from bot.tickets.roster import Roster
from bot.tickets.sla import Policy
from intents.forms.computes import NAMES, computes
from intents.forms.loading import load_forms
from intents.fraud.assess import assess
from intents.fraud.meaning import Encode
from intents.router import route
from intents.triage import triage
from knowledge.entries import Queue
from knowledge.hotlines import load_stations


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A running anwen without its doors. A context manager: leaving it closes the database."""

    config: Config
    database: Database
    library: Library
    engine: Engine
    encode: Encode
    scratch: tempfile.TemporaryDirectory[str] | None = field(default=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()
        if self.scratch is not None:
            self.scratch.cleanup()


def build(
    config: Config, *, keep_conversations: bool = True, clock: Clock = lambda: datetime.now(UTC)
) -> App:
    """The application, with its knowledge compiled if it was not.

    Args:
        keep_conversations: False keeps them in a folder that is deleted at the end (`anwen ask`).

    Raises:
        AnwenError, KnowledgeError: one line with the fix.
    """
    writable(config)
    triage("")  # reads the rules now: a broken rule file stops the start, and the first person does not wait
    route("")
    assess("")
    scratch = None if keep_conversations else tempfile.TemporaryDirectory(prefix="anwen-")
    database = open_storage(config, url=_scratch_url(scratch))
    encoder = open_encoder(config)
    library = Library.open(config.build, encoder, zone=config.district.zone)
    content = config.path(config.knowledge.content)
    desk = load_desk(content)
    engine = Engine(
        database=database,
        search=library,
        wording=load_wording(content, _values(config), zone=config.district.zone),
        desk=open_desk(config),
        settings=Settings(
            longest_message=config.conversation.longest_message,
            misses_before_person=config.conversation.misses_before_person,
            forget_context_after=config.conversation.forget_context_after,
            understand_within=config.conversation.understand_within,
            danger_entries=desk.danger,
            meanings=desk.meanings,
            menu=desk.menu,
            forms=FormBook(
                forms=load_forms(NAMES),
                compute=computes(load_stations(content)),
                set_aside_after=config.conversation.set_form_aside_after,
            ),
        ),
        clock=clock,
    )
    return App(
        config=config,
        database=database,
        library=library,
        engine=engine,
        encode=encoder.encode_queries,
        scratch=scratch,
    )


def open_desk(config: Config) -> Desk:
    """The desk with its calendar and clocks."""
    settings = config.desk
    exceptions = china(closed=settings.closed_days, worked=settings.working_days)
    hours = {
        queue: _office_hours(settings.hours, config, exceptions)
        if queue not in settings.queue_hours
        else _office_hours(
            settings.queue_hours[queue], config, exceptions, key=f"desk.queue_hours.{queue.value}"
        )
        for queue in Queue
    }
    return Desk(
        mode=settings.staffed,
        hours=hours,
        policy=Policy(
            limits={
                Priority.NORMAL: settings.promises.normal.limits,
                Priority.URGENT: settings.promises.urgent.limits,
            },
            warn_at=settings.warn_at,
        ),
        zone=config.district.zone,
        reopen_window=settings.reopen_window,
        auto_assign=settings.auto_assign,
        roster=Roster(tuple(_shift(each, config, exceptions) for each in settings.roster)),
    )


def _shift(shift: Shift, config: Config, exceptions: IsWorkday) -> roster.Shift:
    hours = shift.hours or config.desk.hours
    return roster.Shift(
        staff=frozenset(name.strip().casefold() for name in shift.staff),
        queues=shift.queues,
        hours=_office_hours(
            hours, config, _by_weekday if shift.holidays else exceptions, key="desk.roster: hours"
        ),
    )


def _by_weekday(_: date) -> None:
    """No day is an exception."""


def _office_hours(
    hours: Hours | str, config: Config, exceptions: IsWorkday, *, key: str = "desk.hours"
) -> OfficeHours:
    zone = config.district.zone
    if isinstance(hours, str):
        return OfficeHours(week=(), make_up=(), zone=zone, is_workday=exceptions, always=True)
    try:
        return OfficeHours(week=hours.week, make_up=hours.make_up, zone=zone, is_workday=exceptions)
    except ValueError as error:
        raise ConfigError(f"config.yaml: {key}: {error}; see the shipped config.yaml") from error


def open_storage(config: Config, *, url: str | None = None) -> Database:
    """The configured database, migrated."""
    return open_database(url or config.database_url)


def _scratch_url(scratch: tempfile.TemporaryDirectory[str] | None) -> str | None:
    if scratch is None:
        return None
    return f"sqlite:///{Path(scratch.name) / f'{secrets.token_hex(4)}.db'}"


def _values(config: Config) -> Mapping[str, Mapping[str, Any]]:
    """What fills the {braces} of the phrases, by language."""
    common = {
        "service": config.district.service,
        "police": config.desk.emergency_police,
        "fraud_advice": config.desk.fraud_advice,
    }
    return {
        "zh": {**common, "district": config.district.name},
        "en": {**common, "district": config.district.english},
    }
