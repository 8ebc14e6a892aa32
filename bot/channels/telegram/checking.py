"""`anwen telegram check`: asks Telegram about everything the channel needs, and says how to put right what is wrong."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from telegram import Bot, ChatMember, ChatMemberAdministrator, WebhookInfo

from bot.channels.telegram.api import open_bot, translated
from bot.channels.telegram.parse import ALLOWED
from bot.channels.telegram.service import bot_id_of
from bot.channels.telegram.webhook import hook_of
from bot.config import Config
from bot.errors import ChannelError, ConfigError

_MOST_PENDING = 100
_WITHOUT = (
    "there is no token; ask @BotFather for one (/newbot) and set ANWEN_TELEGRAM__TOKEN, see docs/telegram.md"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: whether it is all right, and one line about it, with the fix when it is not."""

    name: str
    passed: bool
    says: str


def check(config: Config) -> list[Finding]:
    """The findings, most basic first; what cannot work any more ends them."""
    return asyncio.run(_all(config))


async def _all(config: Config) -> list[Finding]:
    return [finding async for finding in _findings(config)]


async def _findings(config: Config) -> AsyncIterator[Finding]:
    if not config.telegram.is_on:
        yield _bad("token", _WITHOUT)
        return
    token = config.telegram.token.get_secret_value()
    try:
        bot_id_of(token)
    except ConfigError as error:
        yield _bad("token", str(error))
        return
    bot = open_bot(token, api=config.telegram.api)
    try:
        with translated():
            await bot.initialize()
    except ChannelError as error:
        await bot.shutdown()
        yield _bad(
            "token",
            f"Telegram does not take it or cannot be reached ({error}); copy it again from @BotFather",
        )
        return
    async with bot:
        yield _good("token", f"@{bot.username}")
        yield _privacy(bot)
        yield await _delivery(bot, config)
        for group_id in sorted(config.telegram.groups.every):
            async for finding in _group(bot, group_id):
                yield finding
    if not config.telegram.groups.every:
        yield _good("staff groups", "none: staff answer in the web console only")


def _privacy(bot: Bot) -> Finding:
    me = bot.bot
    if not me.can_join_groups:
        return _bad("groups", "the bot may not join groups; @BotFather: /setjoingroups, Enable")
    mode = "off: it reads every group it is in" if me.can_read_all_group_messages else "on"
    if me.can_read_all_group_messages:
        return _bad(
            "privacy mode",
            f"{mode}; citizens' groups are none of its business: @BotFather: /setprivacy, Enable",
        )
    return _good("privacy mode", f"{mode}; as an administrator it still reads the staff groups")


async def _delivery(bot: Bot, config: Config) -> Finding:
    """Where updates go, and whether they get there."""
    try:
        with translated():
            info = await bot.get_webhook_info()
    except ChannelError as error:
        return _bad("updates", f"Telegram does not say where they go ({error})")
    if config.telegram.mode == "polling":
        if info.url:
            return _bad(
                "updates", "a webhook is set, so polling gets nothing; `anwen serve` removes it at its start"
            )
        return _good("updates", f"polling; {info.pending_update_count} are waiting")
    if not config.server.public_url.startswith("https://"):
        return _bad("updates", "a webhook needs https; set server.public_url to https://…, or mode: polling")
    return _webhook(info, config)


def _webhook(info: WebhookInfo, config: Config) -> Finding:
    wanted = config.server.public_url + hook_of(config.telegram.token.get_secret_value()).path
    if info.url != wanted:
        return _bad("updates", "Telegram posts them elsewhere; start `anwen serve`, which sets the webhook")
    if set(info.allowed_updates) != set(ALLOWED):
        return _bad(
            "updates", "Telegram posts not all kinds of them; start `anwen serve`, which asks for all"
        )
    if info.last_error_message:
        return _bad(
            "updates", f"Telegram cannot post them: {info.last_error_message}; look at the proxy before anwen"
        )
    if info.pending_update_count > _MOST_PENDING:
        return _bad(
            "updates",
            f"{info.pending_update_count} are waiting: anwen is down or too slow; look at its log, or start it",
        )
    return _good("updates", "webhook is set and works")


async def _group(bot: Bot, group_id: int) -> AsyncIterator[Finding]:
    """The topics of a group of staff, and the rights of the bot in it."""
    try:
        with translated():
            chat = await bot.get_chat(group_id)
            member = await bot.get_chat_member(group_id, bot.id)
    except ChannelError as error:
        yield _bad(
            f"group {group_id}",
            f"the bot is not in it or the id is wrong ({error}); add it, or correct telegram.groups",
        )
        return
    name = f"topics of group {group_id}"
    if chat.is_forum:
        yield _good(name, f"“{chat.title}” has them")
    else:
        yield _bad(name, "it has none; in the group: Edit, Topics, switch on")
    yield _rights(f"rights in group {group_id}", member)


def _rights(name: str, member: ChatMember) -> Finding:
    if not isinstance(member, ChatMemberAdministrator):
        return _bad(name, "the bot is no administrator; in the group: Administrators, Add, choose the bot")
    wanted = {"manage topics": member.can_manage_topics, "delete messages": member.can_delete_messages}
    missing = [right for right, given in wanted.items() if not given]
    if missing:
        return _bad(
            name, f"the bot lacks the right to {' and to '.join(missing)}; give it under Administrators"
        )
    return _good(name, f"it may {' and '.join(wanted)}")


def _good(name: str, says: str) -> Finding:
    return Finding(name=name, passed=True, says=says)


def _bad(name: str, says: str) -> Finding:
    return Finding(name=name, passed=False, says=says)
