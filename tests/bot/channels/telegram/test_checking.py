"""`anwen telegram check` names what is wrong and how to fix it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from bot.channels.telegram.checking import Finding, check
from bot.channels.telegram.parse import ALLOWED
from bot.channels.telegram.webhook import hook_of
from bot.commands.telegram import app
from bot.config import Config
from bot.errors import ConfigError
from tests.bot.channels.telegram.fake.people import Telegram, platform
from tests.bot.channels.telegram.fake.state import FIRST_GROUP, TOKEN
from tests.world import ROOT, shipped_config


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
    ("changes", "fixes"),
    [
        ({"is_forum": False}, ["Topics, switch on"]),
        ({"rights": False}, ["lacks the right to manage topics; give it"]),
        ({"bot_deletes": False}, ["lacks the right to delete messages; give it"]),
        ({"rights": False, "bot_deletes": False}, ["to manage topics and to delete messages"]),
        ({"bot_is_admin": False}, ["no administrator; in the group: Administrators, Add"]),
        ({"bot_is_admin": False, "is_forum": False}, ["Topics, switch on", "Administrators, Add"]),
        ({"kicked": True}, ["not in it"]),
        ({"moved_to": -1009}, ["the group now is -1009"]),
        (None, ["correct telegram.groups"]),
    ],
)
def test_what_is_missing_in_the_group_is_told_with_its_fix(
    tmp_path: Path, changes: dict[str, Any] | None, fixes: list[str]
):
    with platform() as telegram:
        if changes is not None:
            group = telegram.forum()
            for name, value in changes.items():
                setattr(group, name, value)

        said = wrong(check(config_of(telegram, tmp_path)))

    assert len(said) == len(fixes)
    assert all(fix in line for fix, line in zip(fixes, said, strict=True))


@pytest.mark.parametrize(
    ("name", "value", "fix"), [("reads_all", True, "/setprivacy, Enable"), ("joins", False, "/setjoingroups")]
)
def test_settings_at_botfather_are_told_with_the_command(tmp_path: Path, name: str, value: bool, fix: str):
    with platform() as telegram:
        telegram.forum()
        setattr(telegram.state, name, value)

        said = wrong(check(config_of(telegram, tmp_path)))

    assert len(said) == 1
    assert fix in said[0]


PUBLIC = "https://anwen.example"
HOOK = {"url": PUBLIC + hook_of(TOKEN).path, "allowed_updates": list(ALLOWED)}


@pytest.mark.parametrize(
    ("hook", "fix"),
    [
        (HOOK, None),
        ({}, "start `anwen serve`"),
        ({**HOOK, "url": "https://other.example/hook"}, "start `anwen serve`"),
        ({**HOOK, "allowed_updates": ["message"]}, "asks for all"),
        ({**HOOK, "last_error_message": "Wrong response from the webhook: 502"}, "look at the proxy"),
    ],
)
def test_a_webhook_that_does_not_work_is_told_with_its_fix(
    tmp_path: Path, hook: dict[str, Any], fix: str | None
):
    with platform() as telegram:
        telegram.forum()
        telegram.state.webhook = hook
        config = config_of(telegram, tmp_path, mode="webhook")
        server = config.server.model_copy(update={"public_url": PUBLIC})

        said = wrong(check(config.model_copy(update={"server": server})))

    assert [fix in line for line in said if fix] == ([True] if fix else [])


def test_a_webhook_without_https_and_updates_nobody_fetches_are_told(tmp_path: Path):
    with platform() as telegram:
        telegram.forum()
        insecure = config_of(telegram, tmp_path, mode="webhook")
        insecure = insecure.model_copy(
            update={"server": insecure.server.model_copy(update={"public_url": "http://anwen.example"})}
        )
        assert "needs https" in wrong(check(insecure))[0]

        telegram.state.webhook, telegram.state.asleep = HOOK, True
        for number in range(101):
            telegram.say(1, f"{number}")
        waiting = config_of(telegram, tmp_path, mode="webhook")
        waiting = waiting.model_copy(
            update={"server": waiting.server.model_copy(update={"public_url": PUBLIC})}
        )
        assert "101 are waiting" in wrong(check(waiting))[0]


def test_the_command_prints_each_finding_and_its_exit_status_tells_whether_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with platform() as telegram:
        group = telegram.forum()
        monkeypatch.setenv("ANWEN_TELEGRAM__TOKEN", TOKEN)
        monkeypatch.setenv("ANWEN_TELEGRAM__API", telegram.url)
        monkeypatch.setenv("ANWEN_TELEGRAM__GROUPS", f'{{"default": [{FIRST_GROUP}]}}')
        monkeypatch.setenv("ANWEN_STORAGE__FOLDER", str(tmp_path))
        asked = ["check", "--config", str(ROOT / "config.yaml")]

        well = CliRunner().invoke(app, asked)
        group.rights = False
        ill = CliRunner().invoke(app, asked)

    assert well.exit_code == 0
    assert [line.split(": ")[0] for line in well.output.splitlines()] == [
        "ok    token",
        "ok    privacy mode",
        "ok    updates",
        f"ok    topics of group {FIRST_GROUP}",
        f"ok    rights in group {FIRST_GROUP}",
    ]
    assert ill.exit_code == 1
    assert f"FAIL  rights in group {FIRST_GROUP}: the bot lacks the right to manage topics" in ill.output
    assert TOKEN not in well.output + ill.output


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
