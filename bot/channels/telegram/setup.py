"""What the bot tells Telegram at its start: where updates go, the menu of commands; and what icons topics can have."""

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats

from bot.channels.telegram.api import translated
from bot.channels.telegram.commands import MENU
from bot.channels.telegram.parse import ALLOWED
from bot.channels.telegram.webhook import hook_of
from bot.config import Config
from bot.conversation.wording import LANGUAGES, Wording
from bot.errors import ChannelError

CONNECTIONS = 1  # one after the other keeps their order; each is answered in a millisecond


async def prepare(bot: Bot, config: Config, wording: Wording) -> dict[str, str]:
    """Set everything up, which may be repeated; the icons for topics: emoji → id. Raises ChannelError."""
    with translated():
        if config.telegram.mode == "webhook":
            hook = hook_of(config.telegram.token.get_secret_value())
            await bot.set_webhook(
                f"{config.server.public_url}{hook.path}",
                secret_token=hook.secret,
                allowed_updates=list(ALLOWED),
                max_connections=CONNECTIONS,
            )
        else:
            await bot.delete_webhook(drop_pending_updates=False)
    try:
        with translated():
            await _menu(bot, wording)
            return await _icons(bot) if config.telegram.groups.every else {}
    except ChannelError:  # nice to have: a server of one's own may lack them
        return {}


async def _menu(bot: Bot, wording: Wording) -> None:
    scope = BotCommandScopeAllPrivateChats()
    for language in (None, *LANGUAGES):
        commands = [BotCommand(name, wording.say(f"command_{name}", language or "zh")) for name in MENU]
        await bot.set_my_commands(commands, scope=scope, language_code=language)


async def _icons(bot: Bot) -> dict[str, str]:
    stickers = await bot.get_forum_topic_icon_stickers()
    return {
        sticker.emoji: sticker.custom_emoji_id
        for sticker in stickers
        if sticker.emoji is not None and sticker.custom_emoji_id is not None
    }
