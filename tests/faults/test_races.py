"""Two things at the same moment: real threads on a real SQLite file, random timing; `-m slow`: a thousand times each.

Each test states what must hold whoever comes first, and that both orders did happen.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.conversation import handling, sessions, transcript
from bot.conversation.model import Author
from bot.conversation.outcome import Outcome
from bot.errors import TicketError
from bot.storage.desk_tables import tickets
from bot.storage.tables import messages
from bot.tickets import lists, queue
from bot.tickets.model import CloseReason, TicketStatus
from knowledge.entries import Queue
from tests.bot.tickets.world import Office, open_office

FEW, MANY = 100, 1000
LONGEST_PAUSE_S = 0.003
QUESTION = "老板拖欠工资怎么办"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk with an empty database."""
    with open_office(tmp_path) as office:
        yield office


@pytest.fixture(params=[FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def rounds(request: pytest.FixtureRequest) -> int:
    """How often two things meet."""
    return int(request.param)


@pytest.fixture
def together() -> Iterator[Callable[..., list[Any]]]:
    """Runs functions at the same moment, each in a thread; their results or errors, in order."""
    with ThreadPoolExecutor(8) as pool:

        def run(*functions: Callable[[], Any]) -> list[Any]:
            start = threading.Barrier(len(functions))

            def one(function: Callable[[], Any]) -> Any:
                start.wait(10)
                try:
                    return function()
                except TicketError as error:
                    return error

            return [done.result(30) for done in [pool.submit(one, function) for function in functions]]

        yield run


def after_a_moment(chance: random.Random, act: Callable[[], Any]) -> Callable[[], Any]:
    """`act`, a little later at random, so that neither side always wins."""
    pause = chance.choice((0.0, chance.uniform(0, LONGEST_PAUSE_S)))

    def later() -> Any:
        time.sleep(pause)
        return act()

    return later


def test_of_two_who_claim_exactly_one_gets_the_ticket(
    office: Office, rounds: int, together: Callable[..., list[Any]]
):
    staff = [office.hire("lin"), office.hire("zhou")]
    chance, winners = random.Random(1), Counter[int]()
    office.say("转人工")
    ticket = office.ticket()
    for _ in range(rounds):
        claims = [
            after_a_moment(chance, lambda person=person: office.do(handling.claim, ticket, person))
            for person in staff
        ]
        results = together(*claims)

        won = [result for result in results if not isinstance(result, TicketError)]
        assert len(won) == 1
        assert office.ticket().assignee_id == won[0].assignee_id
        winners[won[0].assignee_id] += 1
        office.do(handling.release, ticket, staff[0])

    assert office.events(ticket).count("claimed") == rounds
    assert min(winners.values()) >= 1, winners


def test_of_two_who_answer_one_is_told_of_the_other(
    office: Office, rounds: int, together: Callable[..., list[Any]]
):
    staff = [office.hire("lin"), office.hire("zhou")]
    chance, winners = random.Random(2), Counter[int]()
    office.say("转人工")
    ticket = office.ticket()
    for number in range(rounds):
        seen = office.conversation().last_seq
        results = together(
            *(
                after_a_moment(
                    chance,
                    lambda person=person, number=number, seen=seen: office.do(
                        handling.answer, ticket, person, f"{number}", seen_seq=seen
                    ),
                )
                for person in staff
            )
        )

        refused = [result for result in results if isinstance(result, TicketError)]
        [stored] = [result for result in results if not isinstance(result, TicketError)]
        assert [type(error).__name__ for error in refused] == ["LateAnswer"]
        winners[stored.payload["staff"]] += 1

    texts = [post.text for post in office.chat() if post.author is Author.STAFF]
    assert texts == [f"{number}" for number in range(rounds)]
    assert min(winners.values()) >= 1, winners


def test_the_bot_says_nothing_once_a_person_took_over_while_it_was_thinking(
    office: Office, rounds: int, together: Callable[..., list[Any]]
):
    lin = office.hire("lin")
    chance, orders = random.Random(3), Counter[str]()
    for number in range(rounds):
        who = f"citizen {number}"
        office.say("你好", who=who)
        conversation = office.conversation(who)
        office.search.delay_s = chance.uniform(0, LONGEST_PAUSE_S)

        def take_over(conversation_id: int = conversation.id) -> int:
            with office.database.transaction() as tx:
                handling.take_over(
                    tx,
                    office.desk,
                    conversation_id,
                    lin,
                    to=Queue.LEGAL,
                    reason="看起来急",
                    now=office.clock(),
                )
                found = sessions.by_id(tx, conversation_id)
            assert found is not None
            return found.last_seq

        outcome, took_over_at = together(
            lambda who=who: office.say(QUESTION, who=who), after_a_moment(chance, take_over)
        )

        posts = office.chat(who)
        assert [post.text for post in posts if post.author is Author.CITIZEN] == ["你好", QUESTION]
        assert [post for post in posts if post.author is Author.BOT and post.seq > took_over_at] == []
        [ticket] = [office.ticket(who)]
        if outcome.replies:
            orders["answered, then taken over"] += 1
            assert office.events(ticket) == ["opened", "claimed"]
        else:
            orders["taken over while thinking"] += 1
            assert office.events(ticket) == ["opened", "claimed", "citizen_wrote"]

    assert min(orders.values()) >= 1, orders
    assert len(orders) == 2, orders


def test_what_a_citizen_writes_while_the_ticket_closes_is_never_lost(
    office: Office, rounds: int, together: Callable[..., list[Any]]
):
    """Either the close is refused, because the page did not show these words, or the bot answers them."""
    lin = office.hire("lin")
    chance, orders = random.Random(4), Counter[str]()
    for number in range(rounds):
        who = f"citizen {number}"
        office.say("转人工", who=who)
        office.do(handling.answer, office.ticket(who), lin, "已办好", seen_seq=99)
        shown = office.ticket(who)

        def close(shown: Any = shown) -> Any:
            return office.do(
                handling.close,
                shown,
                lin,
                CloseReason.SOLVED,
                wording=office.engine.wording,
                version=shown.version,
            )

        outcome, closing = together(
            after_a_moment(chance, lambda who=who: office.say(QUESTION, who=who)),
            after_a_moment(chance, close),
        )

        assert isinstance(outcome, Outcome)
        assert not outcome.failed
        status = office.ticket(who).status
        if isinstance(closing, TicketError):
            orders["wrote first"] += 1
            assert (status, outcome.replies) == (TicketStatus.CLAIMED, ())
            assert office.events(shown)[-1] == "citizen_wrote"
        else:
            orders["closed first"] += 1
            assert status is TicketStatus.CLOSED
            assert outcome.turn["kind"] == "answer"
            assert [post.author for post in office.chat(who)][-3:] == [
                Author.SYSTEM,
                Author.CITIZEN,
                Author.BOT,
            ]

    assert min(orders.values()) >= 1, orders
    assert len(orders) == 2, orders


def test_duplicates_and_reordered_ids_are_stored_once_and_answered_the_same(
    office: Office, rounds: int, together: Callable[..., list[Any]]
):
    chance = random.Random(5)
    texts = {"1": QUESTION, "2": "房东不退押金怎么办", "3": "转人工"}
    for number in range(rounds):
        who = f"citizen {number}"
        deliveries = [*texts, *texts, chance.choice([*texts])]
        chance.shuffle(deliveries)
        outcomes = together(
            *(lambda id=id, who=who: office.say(texts[id], who=who, id=id) for id in deliveries)
        )

        posts = office.chat(who)
        assert Counter(post.external_id for post in posts if post.author is Author.CITIZEN) == dict.fromkeys(
            texts, 1
        )
        assert [post.seq for post in posts] == list(range(1, len(posts) + 1))
        with office.database.reading() as tx:
            stored = {
                post.external_id: tuple(reply.id for reply in transcript.replies_to(tx, post.id))
                for post in posts
                if post.author is Author.CITIZEN
            }
            conversation_id = office.conversation(who).id
            assert len(lists.of_conversation(tx, conversation_id)) == 1
        for id, outcome in zip(deliveries, outcomes, strict=True):
            assert not outcome.failed
            assert tuple(reply.id for reply in outcome.replies) == stored[id]
            assert set(outcome.turn) >= {"kind", "domain", "entry"}

    with office.database.reading() as tx:
        numbers = select(func.count(), func.count(tickets.c.number.distinct())).select_from(tickets)
        assert tuple(tx.execute(numbers).one()) == (rounds, rounds)
        citizens = select(func.count()).where(messages.c.author == Author.CITIZEN.value)
        assert tx.execute(citizens).scalar_one() == 3 * rounds
        assert queue.by_number(tx, f"20261124-{rounds:04d}") is not None
