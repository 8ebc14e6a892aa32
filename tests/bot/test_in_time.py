"""Nobody waits for a bot that hangs: its message goes to a person, and what it finds too late is thrown away."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.conversation.in_time import MOST_STUCK, InTime
from bot.storage.tables import failures
from bot.tickets.model import Priority, TicketStatus
from knowledge import artefacts
from tests.bot.tickets.world import Office, open_office
from tests.bot.world import until
from tests.world import open_world

SHORT = InTime(timedelta(milliseconds=50))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk whose bot gives up on a message after a second; whatever hangs at the end is let go."""
    with open_office(tmp_path, conversation={"understand_within": "1s"}) as office:
        yield office
        if office.search.held is not None:
            office.search.held.set()


def reasons(office: Office) -> list[str]:
    with office.database.reading() as tx:
        return list(tx.execute(select(failures.c.reason)).scalars())


def test_a_message_on_which_the_search_hangs_ends_with_a_person(office: Office):
    office.search.held = threading.Event()

    outcome = office.say("房东不退押金怎么办")

    assert outcome.failed
    assert "12348" in outcome.replies[0].text
    assert office.ticket().status is TicketStatus.OPEN
    assert office.ticket().number in outcome.replies[-1].text
    assert reasons(office) == ["TimeoutError"]


def test_what_is_found_too_late_is_thrown_away_and_the_chat_goes_on(office: Office):
    held = office.search.held = threading.Event()
    office.say("房东不退押金怎么办", id="one")
    said = [post.text for post in office.chat()]

    office.search.held = None
    held.set()
    until(lambda: not office.engine._in_time.stuck)

    assert [post.text for post in office.chat()] == said
    assert [post.text for post in office.say("房东不退押金怎么办", id="one").replies] == said[1:]
    assert "书面催告" in office.say("房东不退押金怎么办", who="another").replies[0].text


def test_danger_is_answered_with_the_emergency_words_though_the_search_hangs(office: Office):
    office.search.held = threading.Event()

    outcome = office.say("我刚刚把五万块转给骗子了")

    assert "紧急止付" in outcome.replies[0].text
    assert office.ticket().priority is Priority.URGENT


def test_once_too_many_hang_the_next_is_told_at_once():
    held, begun = threading.Event(), []
    for _ in range(MOST_STUCK):
        with pytest.raises(TimeoutError):
            SHORT.run(held.wait)

    with pytest.raises(TimeoutError, match="stuck"):
        SHORT.run(lambda: begun.append("never"))
    assert begun == []
    held.set()
    until(lambda: not SHORT.stuck)
    assert SHORT.run(lambda: "answered") == "answered"


def test_an_error_reaches_who_waits():
    with pytest.raises(ZeroDivisionError):
        SHORT.run(lambda: 1 // 0)


@pytest.mark.parametrize("loss", ["folder gone", "new build broken"])
def test_knowledge_lost_while_running_strands_nobody(data: Path, loss: str):
    world = open_world(data, desk={"staffed": "yes"})
    with world.app:
        before = world.say("老板拖欠工资怎么办")
        if loss == "folder gone":
            (data / "knowledge").rename(data / "elsewhere")
        else:
            broken = data / "knowledge" / artefacts.BUILDS / "broken"
            broken.mkdir()
            (broken / artefacts.MANIFEST).write_text("{}", "utf-8")
            (data / "knowledge" / artefacts.CURRENT).unlink()  # a link into the builds of other tests
            (data / "knowledge" / artefacts.CURRENT).write_text("broken", "utf-8")
        world.app.library._base._looked_at -= 60  # it is looked at again

        outcome = world.say("房东不退押金怎么办")

    assert before.turn["kind"] == outcome.turn["kind"] == "answer"
    assert not outcome.failed


def test_an_index_that_breaks_under_a_question_ends_with_a_person(data: Path):
    world = open_world(data, desk={"staffed": "yes"})
    with world.app:
        opened = world.app.library._base.retriever.opened
        object.__setattr__(opened, "asked", opened.elsewhere)  # its file was torn: rows are missing
        outcome = world.say("街道的人说我的院墙越界了，我不服怎么办")

    assert outcome.failed
    assert outcome.ticket is not None
    assert outcome.ticket["number"] in outcome.replies[-1].text
