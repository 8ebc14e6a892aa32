"""Nothing that staff say among themselves reaches a citizen: 1,000 messages of every kind through the whole channel.

Each is built to be let out or not, by its kind; what citizens get is compared with that, not with our own judgement.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.conversation.model import Author
from tests.bot.channels.telegram.fake.people import ANONYMOUS
from tests.bot.channels.telegram.fake.state import BOT_NAME, FIRST_GROUP
from tests.bot.channels.telegram.world import LIN, ZHOU, Town, open_town
from tests.bot.world import until

STRANGER = 6666
ORIGIN = {"type": "hidden_user", "sender_user_name": "某人", "date": 1_700_000_000}


@dataclass
class Case:
    """One topic with everything staff could reply to."""

    citizen: int
    thread: int
    words: int
    card: int
    note: int = 0
    out: set[str] = field(default_factory=set)


def play(town: Town, case: Case, other: Case, kind: str, token: str) -> bool:  # noqa: C901 a table of kinds
    """Write one message of a kind; whether the citizen may read it."""
    telegram, thread = town.telegram, case.thread

    def says(text: str, **more: object) -> int:
        who = int(more.pop("who", LIN))
        return telegram.staff_says(who, FIRST_GROUP, thread, text, **more)

    match kind:
        case "plain":
            says(f"内部讨论 {token}")
        case "inside":
            says(f"// {token}")
        case "inside_reply":
            says(f"//{token}", reply=case.words)
        case "command":
            says(f"/r {token}")
        case "command_named":
            says(f"/r@{BOT_NAME} {token}")
        case "command_other_bot":
            says(f"/r@other_bot {token}")
        case "command_capital":
            says(f"/R {token}")
        case "command_space":
            says(f" /r {token}")
        case "command_wide":
            says(f"／r {token}")
        case "command_longer":
            says(f"/rr {token}")
        case "command_glued":
            says(f"/r{token}")
        case "command_inside_text":
            says(f"请用 /r {token}")
        case "second_line":
            says(f"内部\n/r {token}")
        case "reply":
            says(f"{token}", reply=case.words)
        case "reply_card":
            says(f"{token}", reply=case.card)
        case "reply_note":
            says(f"{token}", reply=case.note)
        case "reply_forwarded":
            says(f"{token}", reply=case.words, forward_origin=ORIGIN)
        case "forwarded_command":
            says(f"/r {token}", forward_origin=ORIGIN)
        case "reply_other_topic":
            telegram.send(LIN, chat=FIRST_GROUP, thread=thread, reply=other.words, text=f"{token}")
        case "note_command":
            says(f"/note {token}")
        case "unknown_command":
            says(f"/nonsense {token}")
        case "stranger":
            says(f"/r {token}", who=STRANGER)
        case "stranger_reply":
            says(f"{token}", who=STRANGER, reply=case.words)
        case "anonymous":
            says(f"/r {token}", sender=ANONYMOUS)
        case "general":
            telegram.send(LIN, chat=FIRST_GROUP, text=f"/r {token}")
        case "photo":
            telegram.file(LIN, "photo", chat=FIRST_GROUP, thread=thread, caption=f"{token}")
        case "photo_command":
            telegram.file(LIN, "photo", chat=FIRST_GROUP, thread=thread, caption=f"/r {token}")
        case "document_reply":
            telegram.file(LIN, "document", chat=FIRST_GROUP, thread=thread, reply=case.words, caption=token)
        case "sticker_reply":
            telegram.file(LIN, "sticker", chat=FIRST_GROUP, thread=thread, reply=case.words)
        case "contact_reply":
            contact = {"phone_number": "13800000000", "first_name": token}
            telegram.send(LIN, chat=FIRST_GROUP, thread=thread, reply=case.words, contact=contact)
        case "note_edited_to_command":
            telegram.edit(FIRST_GROUP, says(f"内部 {token}"), f"/r {token}")
        case "mode_of_a_colleague":
            says(f"{token}", who=ZHOU)
        case "mode_of_ones_own":
            says("/mode")
            says(f"{token}")
            says("/mode")
        case "mode_inside":
            says("/mode")
            says(f"// {token}")
            says(f"{token}", forward_origin=ORIGIN)
            says("/mode")
        case "voice_reply":
            telegram.file(LIN, "voice", chat=FIRST_GROUP, thread=thread, reply=case.words, caption=token)
        case "voice":
            telegram.file(LIN, "voice", chat=FIRST_GROUP, thread=thread, caption=token)
        case "changed_before_it_came":
            sent = says(f"/r {token}", offer=False)
            telegram.edit(FIRST_GROUP, sent, f"/r {token} 改")
            first = {**telegram.state.messages[FIRST_GROUP][sent], "text": f"/r {token}"}
            first.pop("edit_date")
            telegram.state.offer("message", first)
        case "strangers_change":
            telegram.edit(FIRST_GROUP, says(f"{token}", who=STRANGER, reply=case.words), f"/r {token}")
        case _:
            raise AssertionError(kind)
    return kind in PERMITTED


PERMITTED = {
    *("command", "command_named", "reply", "photo_command", "document_reply", "voice_reply"),
    "mode_of_ones_own",
}
KINDS = (
    *sorted(PERMITTED),
    *("plain", "inside", "inside_reply", "command_other_bot", "command_capital", "command_space"),
    *("command_wide", "command_longer", "command_glued", "command_inside_text", "second_line", "reply_card"),
    *("reply_note", "reply_forwarded", "forwarded_command", "reply_other_topic", "note_command"),
    *("unknown_command", "stranger", "stranger_reply", "anonymous", "general", "photo", "sticker_reply"),
    *("contact_reply", "note_edited_to_command", "mode_of_a_colleague", "mode_inside", "voice"),
    *("changed_before_it_came", "strangers_change"),
)


@pytest.mark.parametrize(
    ("citizens", "messages"), [(6, 128), pytest.param(40, 1_000, marks=pytest.mark.slow)]
)
def test_of_all_that_staff_write_only_permitted_messages_reach_citizens(
    tmp_path: Path, citizens: int, messages: int, capsys: pytest.CaptureFixture[str]
):
    chance = random.Random(7)
    with open_town(tmp_path, undo_window="0s", calls_a_minute=1_000_000) as town:
        town.hire("lin", LIN)
        town.hire("zhou", ZHOU)
        cases = [_case(town, 100 + number) for number in range(citizens)]
        for case in cases:  # reply mode is one person's: it must not open the door for colleagues
            town.telegram.staff_says(LIN, FIRST_GROUP, case.thread, "/mode")
            town.telegram.staff_says(LIN, FIRST_GROUP, case.thread, "/mode")
            case.note = town.telegram.staff_says(ZHOU, FIRST_GROUP, case.thread, "先看看材料")
        town.quiet()
        permitted = 0
        for number in range(messages):
            case, other = chance.sample(cases, 2)
            kind = KINDS[number % len(KINDS)]
            token = f"tok{number:04d}x"
            if play(town, case, other, kind, token):
                case.out.add(token)
                permitted += 1
            if number % 200 == 0:
                town.quiet()
        town.quiet()
        until(lambda: sum(len(_got(town, case)) for case in cases) >= permitted, seconds=60)

        for case in cases:
            assert _got(town, case) == case.out
            stored = {post.text for post in town.chat(case.citizen) if post.author is Author.STAFF}
            assert {text for text in stored if "tok" in text} == case.out
        everything = " ".join(" ".join(town.telegram.texts(case.citizen)) for case in cases)
        assert "先看看材料" not in everything
        assert "13800000000" not in everything
        assert town.telegram.state.mistakes == []
    with capsys.disabled():
        print(f"\nleaks: {messages} messages of staff of {len(KINDS)} kinds; {permitted} went out, 0 others")


def _case(town: Town, citizen: int) -> Case:
    town.telegram.say(citizen, "转人工")
    thread = town.topic_of(citizen)
    words = town.relayed(thread, "👤 群众")
    card = town.telegram.sees(FIRST_GROUP, thread=thread)[0]["message_id"]
    return Case(citizen=citizen, thread=thread, words=words, card=card)


def _got(town: Town, case: Case) -> set[str]:
    """The tokens a citizen read."""
    found = (text.partition("tok")[1:] for text in town.telegram.texts(case.citizen))
    return {f"tok{rest[:5]}" for mark, rest in found if mark}
