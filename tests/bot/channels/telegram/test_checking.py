"""`anwen telegram check` names what is wrong and how to fix it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.channels.telegram.checking import Finding, check
from bot.config import Config
from bot.errors import ConfigError
from tests.bot.channels.telegram.fake.people import Telegram, platform
from tests.bot.channels.telegram.fake.state import FIRST_GROUP, TOKEN
from tests.world import shipped_config


def config_of(telegram: Telegram, data: Path, *, token: str = TOKEN, **settings: Any) -> Config:
    values = {"api": telegram.url, "groups": {"default": [FIRST_GROUP]}, **settings}
    config = shipped_config(data, telegram=values)
    return config.model_copy(
        update={"telegram": config.telegram.model_copy(update={"token": SecretStr(token)})}
    )


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.says for finding in findings if not finding.passed]


def test_a_bot_that_is_set_up_has_nothing_wrong(tmp_path: Path):
    with platform() as telegram:
        telegram.forum()

        assert wrong(check(config_of(telegram, tmp_path))) == []


@pytest.mark.parametrize(
    ("group", "fix"),
    [
        ({"is_forum": False}, "Topics, switch on"),
        ({"rights": False}, "manage topics"),
        (None, "correct telegram.groups"),
    ],
)
def test_what_is_missing_in_the_group_is_told_with_its_fix(
    tmp_path: Path, group: dict[str, bool] | None, fix: str
):
    with platform() as telegram:
        if group is not None:
            telegram.forum(**group)

        said = wrong(check(config_of(telegram, tmp_path)))

    assert len(said) == 1
    assert fix in said[0]


@pytest.mark.parametrize(
    ("token", "fix"), [("", "/newbot"), ("nonsense", "@BotFather"), ("1:wrong", "@BotFather")]
)
def test_a_missing_or_wrong_token_is_told_and_never_quoted(tmp_path: Path, token: str, fix: str):
    with platform() as telegram:
        said = wrong(check(config_of(telegram, tmp_path, token=token)))

    assert len(said) == 1
    assert fix in said[0]
    assert token == "" or token not in said[0]


def test_a_webhook_that_is_not_ours_is_told(tmp_path: Path):
    with platform() as telegram:
        telegram.forum()
        telegram.state.webhook = {"url": "https://other.example/hook"}

        assert "webhook is set" in wrong(check(config_of(telegram, tmp_path)))[0]


def test_a_token_in_the_file_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="ANWEN_TELEGRAM__TOKEN"):
        shipped_config(tmp_path, telegram={"token": "1:x"})
