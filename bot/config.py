"""The configuration: one YAML file, one frozen tree, read once.

Unknown, missing or malformed keys fail at start with the file, the full key and the fix. Any key can be
overridden by the environment (`ANWEN_SERVER__PORT=9000`).
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config_channels import Telegram, Web
from bot.config_values import Duration, Section
from bot.errors import ConfigError
from bot.tickets.model import Staffed
from bot.tickets.office_hours import Period, ordered, parse_period
from bot.tickets.sla import ClockName
from knowledge.entries import Queue

ENV_PREFIX = "ANWEN_"


def _known_zone(value: object) -> object:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"‘{value}’ is no time zone; write for example Asia/Shanghai") from error
    return value


class District(Section):
    """The place served and what the desk calls itself; shown to people as written."""

    name: str = Field(min_length=1)
    city: str = Field(min_length=1)
    province: str = Field(min_length=1)
    english: str = Field(min_length=1)
    service: str = Field(min_length=1)
    timezone: Annotated[str, BeforeValidator(_known_zone)] = "Asia/Shanghai"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone people live in."""
        return ZoneInfo(self.timezone)


class Server(Section):
    """Where the web chat and the API listen."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = Field(default="", pattern=r"^(https?://[^/\s]+)?$")


class Storage(Section):
    """The database and the folder for everything written at run time."""

    url: str = ""
    folder: Path = Path("data")


class Knowledge(Section):
    """Where entries live and how fresh they must be."""

    content: Path = Path("knowledge/content")
    oldest_review: Duration = timedelta(days=366)


class EncoderSettings(Section):
    """Which encoder turns text into vectors, and what it may use."""

    kind: Literal["onnx", "sentence-transformers"] = "onnx"
    model: str = "knowledge/model"
    threads: int = Field(default=2, ge=1, le=64)
    cache_size: int = Field(default=4096, ge=0, le=1_000_000)


class ConversationSettings(Section):
    """Limits of one conversation."""

    longest_message: int = Field(default=2000, ge=100, le=20_000)
    misses_before_person: int = Field(default=2, ge=1, le=10)
    forget_context_after: Duration = timedelta(minutes=30)
    set_form_aside_after: Duration = timedelta(hours=2)
    understand_within: Duration = Field(default=timedelta(seconds=8), ge=timedelta(seconds=1))


def _yes_or_no(value: object) -> object:
    """YAML reads a bare yes or no as true or false."""
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _periods(value: object) -> object:
    if not isinstance(value, list | tuple):
        raise ValueError(f'‘{value}’ is no list of periods; write ["09:00-12:00", "13:30-17:00"]')
    return ordered([parse_period(str(written)) for written in value])


Periods = Annotated[tuple[Period, ...], BeforeValidator(_periods)]


class Hours(Section):
    """Opening periods by weekday, and of make-up workdays."""

    monday: Periods = ()
    tuesday: Periods = ()
    wednesday: Periods = ()
    thursday: Periods = ()
    friday: Periods = ()
    saturday: Periods = ()
    sunday: Periods = ()
    make_up: Periods = ()

    @property
    def week(self) -> tuple[tuple[Period, ...], ...]:
        """Monday to Sunday."""
        return tuple(getattr(self, day) for day in DAYS)


class Clocks(Section):
    """How long each service clock gives."""

    accept: Duration
    first: Duration
    next: Duration
    close: Duration
    rectify: Duration

    @property
    def limits(self) -> dict[ClockName, timedelta]:
        """By clock."""
        return {clock: getattr(self, clock.value) for clock in ClockName}


class Promises(Section):
    """The service clocks by priority."""

    normal: Clocks
    urgent: Clocks


class Shift(Section):
    """Who is on duty when. `hours` empty: when the desk is open; `queues` empty: every queue they work on."""

    staff: Annotated[tuple[str, ...], Field(min_length=1)]
    queues: frozenset[Queue] = frozenset()
    hours: Hours | None = None
    holidays: bool = False  # the hours of the weekday are worked on public holidays too


class Desk(Section):
    """Whether people stand behind the bot, when they work, and the local emergency numbers."""

    staffed: Annotated[Staffed, BeforeValidator(_yes_or_no)] = Staffed.AUTO
    emergency_police: str = Field(default="110", pattern=r"^\d{3,12}$")
    fraud_advice: str = Field(default="96110", pattern=r"^\d{3,12}$")
    hours: Hours
    queue_hours: dict[Queue, Literal["always"] | Hours] = Field(default_factory=dict)
    closed_days: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()
    promises: Promises
    warn_at: float = Field(default=0.8, gt=0, lt=1)
    auto_assign: bool = False
    roster: tuple[Shift, ...] = ()
    reopen_window: Duration = timedelta(days=7)
    close_resolved_after: Duration = timedelta(days=3)


class Privacy(Section):
    """How long things are kept."""

    keep_conversations: Duration = timedelta(days=180)
    keep_tickets: Duration = timedelta(days=1095)
    keep_failures: Duration = timedelta(days=30)
    keep_audit: Duration = timedelta(days=1095)


class Logging(Section):
    """What is logged and how; personal data never is."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"


class Config(BaseSettings):
    """The whole configuration. `root` is the folder of config.yaml: relative paths start there."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    district: District
    server: Server = Server()
    storage: Storage = Storage()
    knowledge: Knowledge = Knowledge()
    encoder: EncoderSettings = EncoderSettings()
    conversation: ConversationSettings = ConversationSettings()
    desk: Desk
    web: Web = Web()
    telegram: Telegram = Telegram()
    privacy: Privacy = Privacy()
    logging: Logging = Logging()
    root: Path = Field(default=Path(), exclude=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        return env_settings, init_settings

    def path(self, relative: Path | str) -> Path:
        """`relative` below the configuration's folder, or itself when absolute."""
        return self.root / relative

    @property
    def data(self) -> Path:
        """The folder for everything written at run time."""
        return self.path(self.storage.folder)

    @property
    def build(self) -> Path:
        """The folder of compiled knowledge."""
        return self.data / "knowledge"

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.storage.url or f"sqlite:///{self.data / 'anwen.db'}"


def load(path: Path) -> Config:
    """The configuration in `path`.

    Raises ConfigError with one line: file, key, problem and fix.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); name it with --config") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8; save it as UTF-8") from error
    return parse(text, name=path.name, root=path.resolve().parent)


def parse(text: str, *, name: str = "config.yaml", root: Path = Path()) -> Config:
    """The configuration written in `text`. Raises ConfigError as `load` does."""
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: {_yaml_problem(error)}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{name}: is not a list of sections; start from the shipped config.yaml")
    if "root" in values:
        raise ConfigError(f"{name}: root: is not a key of config.yaml; remove it")
    if "token" in (values.get("telegram") or {}):
        variable = f"{ENV_PREFIX}TELEGRAM__TOKEN"
        raise ConfigError(f"{name}: telegram.token: is a secret; remove it here and set {variable}")
    try:
        return Config(**values, root=root)
    except ValidationError as error:
        raise ConfigError(f"{name}: {_first_problem(error)}") from error


def _yaml_problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}is not valid YAML ({getattr(error, 'problem', None) or error}); correct that line"


def _first_problem(error: ValidationError) -> str:
    first: Any = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{key}: is not a known key; remove it or correct its spelling"
    if first["type"] == "missing":
        return f"{key}: is missing; add it as in the shipped config.yaml"
    reason = first["msg"].removeprefix("Value error, ")
    return f"{key}: {reason}"
