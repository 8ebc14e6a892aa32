"""What a form leads to in the database, inside the message's transaction: kept under a code, taken up, a case card,
reminders."""

from dataclasses import replace
from datetime import datetime, time, tzinfo

from sqlalchemy import Connection

from bot.conversation import case_cards, form_drafts, reminders
from bot.conversation.case_cards import CaseCard
from bot.conversation.model import FormMove
from bot.conversation.playbook import FormBook, Heard
from intents.forms.commands import resume_code

REMINDED_AT = time(9, 0)  # in the morning of the day


def forms_for(tx: Connection, book: FormBook, heard: Heard, *, now: datetime) -> FormBook:
    """The forms, with the one kept under the code this message names, and fresh names for what may be kept now."""
    code = resume_code(heard.text)
    return replace(
        book,
        fresh_code=form_drafts.fresh_code(),
        fresh_token=case_cards.fresh_token(),
        kept=form_drafts.find(tx, code, now=now) if code else None,
    )


def carry_out(tx: Connection, conversation_id: int, move: FormMove, *, zone: tzinfo, now: datetime) -> None:
    """Everything the move of a form asks for."""
    if move.save is not None:
        form_drafts.keep(tx, conversation_id, move.save, move.state, now=now)
    if move.taken_up is not None:
        form_drafts.drop(tx, move.taken_up)
    if not move.done:
        return
    if move.card is not None:
        case_cards.add(tx, _card(conversation_id, move, move.card, now))
    for day, text in move.reminders:
        due_at = datetime.combine(day, REMINDED_AT, tzinfo=zone)
        if due_at > now:
            reminders.add(tx, conversation_id, text, due_at=due_at)


def _card(conversation_id: int, move: FormMove, public_id: str, now: datetime) -> CaseCard:
    return CaseCard(
        public_id=public_id,
        conversation_id=conversation_id,
        form=move.form,
        lines=move.lines,
        answers=move.state.answers,
        facts=move.facts,
        documents=move.documents,
        created_at=now,
    )
