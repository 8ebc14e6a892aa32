"""One line in the staff group when a ticket's clock ran out: those who look there must not have to open the console."""

from dataclasses import dataclass
from datetime import datetime
from html import escape

from sqlalchemy import Connection

from bot.channels.telegram import groups, topics
from bot.channels.telegram.words import Words
from bot.config_channels import TelegramGroups
from bot.conversation.wording import Wording
from bot.tickets import staff
from bot.tickets.model import Ticket
from bot.tickets.sla import ClockName


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Writes in the general topic of the group a ticket belongs to; nowhere when staff have no group."""

    settings: TelegramGroups
    words: Words
    wording: Wording

    def ran_out(self, tx: Connection, ticket: Ticket, clocks: tuple[ClockName, ...], now: datetime) -> None:
        """The line is owed from now on; it goes out when this transaction is committed."""
        home = self.settings.of(ticket.queue, ticket.id)
        if home is None:
            return
        holder = None if ticket.assignee_id is None else staff.get(tx, ticket.assignee_id).name
        line = self.words(
            "ran_out",
            number=ticket.number,
            queue=self.wording.say(f"queue_{ticket.queue.value}", self.words.language),
            clocks=self.words("and").join(self.words(f"clock_{clock.value}") for clock in clocks),
            holder=holder or self.words("card_nobody"),
        )
        topics.owe_words(tx, groups.current(tx, home), None, escape(line, quote=False), now=now)
