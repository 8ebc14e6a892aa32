import hashlib
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.channels.web.session import COOKIE
from bot.storage.tables import conversations, feedback, messages
from tests.bot.test_api import make_read_only
from tests.bot.world import REVIEWED, WAGES, Site, open_site

QUESTION = "老板拖欠工资怎么办？"


@pytest.fixture
def visitor(site: Site) -> httpx.Client:
    return site.visitor()


def say(visitor: httpx.Client, text: str, *, id: str = "m1", choice: str | None = None) -> dict:
    answer = visitor.post("/chat/messages", json={"client_id": id, "text": text, "choice": choice})
    assert answer.status_code == 200, answer.text
    return answer.json()


def history(visitor: httpx.Client, after: int = 0) -> list[dict]:
    return visitor.get("/chat/history", params={"after": after}).json()["posts"]


# --- saying ---------------------------------------------------------------------------------------------


def test_a_message_is_answered_with_its_place_replies_and_turn(visitor: httpx.Client):
    answer = say(visitor, QUESTION)
    (reply,) = answer["replies"]

    assert answer["message"] == {"seq": 1, "client_id": "m1"}
    assert answer["turn"]["entry"] == WAGES
    assert set(reply) == {
        *("seq", "author", "text", "at", "choices", "sources", "turn", "download", "files", "papers")
    }
    assert (reply["seq"], reply["author"], reply["turn"]) == (2, "bot", answer["turn"])
    assert reply["sources"][0] == {
        "title": "劳动法",
        "article": "第五十条",
        "url": None,
        "reviewed_on": REVIEWED.isoformat(),
    }


def test_the_same_message_twice_is_one_message(visitor: httpx.Client):
    assert say(visitor, QUESTION) == say(visitor, QUESTION)
    assert len(history(visitor)) == 2


def test_what_was_said_can_be_read_again_from_any_place(visitor: httpx.Client):
    say(visitor, QUESTION, id="a")
    say(visitor, "谢谢", id="b")

    assert [(post["seq"], post["author"]) for post in history(visitor)] == [
        (1, "citizen"),
        (2, "bot"),
        (3, "citizen"),
        (4, "bot"),
    ]
    assert [post["seq"] for post in history(visitor, after=2)] == [3, 4]
    assert history(visitor)[0]["client_id"] == "a"


def test_two_visitors_do_not_see_each_other(site: Site):
    one, other = site.visitor(), site.visitor()
    say(one, QUESTION)

    assert history(other) == []
    assert say(other, "那要多少钱？")["turn"]["entry"] is None


def test_a_button_of_the_last_reply_is_recorded_as_its_words(visitor: httpx.Client):
    offered = say(visitor, "可能是工资", id="a")["replies"][-1]["choices"][0]
    pressed = say(visitor, offered["label"], id="b", choice=offered["value"])

    assert pressed["turn"]["entry"] == WAGES
    assert history(visitor)[2]["text"] == QUESTION


def test_a_button_of_an_older_reply_still_works(visitor: httpx.Client):
    offered = say(visitor, "可能是工资", id="a")["replies"][-1]["choices"][0]
    say(visitor, "谢谢", id="b")
    pressed = say(visitor, offered["label"], id="c", choice=offered["value"])

    assert (pressed["turn"]["entry"], pressed["turn"]["language"]) == (WAGES, "zh")


def test_control_characters_do_not_reach_the_transcript(visitor: httpx.Client):
    say(visitor, "工资\x00\x1b[2J")

    assert history(visitor)[0]["text"] == "工资[2J"


@pytest.mark.parametrize(
    "body",
    [
        {"text": "hi"},
        {"client_id": "", "text": "hi"},
        {"client_id": "a b", "text": "hi"},
        {"client_id": "a" * 129, "text": "hi"},
        {"client_id": 1, "text": "hi"},
        {"client_id": "a"},
        {"client_id": "a", "text": None},
        [],
    ],
)
def test_an_unusable_message_is_refused(body: object, visitor: httpx.Client):
    answer = visitor.post("/chat/messages", json=body)

    assert (answer.status_code, set(answer.json())) == (422, {"error"})


# --- who it is ------------------------------------------------------------------------------------------


def test_the_page_gives_a_browser_a_name_nobody_can_guess_or_read(site: Site):
    answer = site.program().get("/chat")
    cookie = answer.headers["set-cookie"]
    token = answer.cookies[COOKIE]

    assert len(token) == 22  # 128 bits
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/chat" in cookie
    assert "Secure" not in cookie


def test_behind_tls_the_cookie_never_leaves_it(tmp_path: Path):
    with open_site(tmp_path, server={"public_url": "https://anwen.example.gov.cn"}) as site:
        assert "Secure" in site.program().get("/chat").headers["set-cookie"]


def test_a_browser_keeps_its_name(visitor: httpx.Client):
    token = visitor.cookies[COOKIE]
    visitor.get("/chat")
    say(visitor, QUESTION)

    assert visitor.cookies[COOKIE] == token


def test_only_a_hash_of_the_name_is_stored(own_site: Site):
    visitor = own_site.visitor()
    say(visitor, QUESTION)

    with own_site.database.reading() as tx:
        row = tx.execute(select(conversations)).one()
    assert (row.channel, row.address) == ("web", hashlib.sha256(visitor.cookies[COOKIE].encode()).hexdigest())


def test_a_cookie_that_is_not_ours_is_no_name(site: Site):
    program = site.program()
    program.cookies.set(COOKIE, "../../etc/passwd")

    assert program.get("/chat/history").json()["conversation"] is None
    assert program.get("/chat/events").status_code == 401


def test_an_embedded_page_is_known_by_its_token(site: Site):
    program = site.program()
    token = program.post("/chat/session").json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    said = program.post("/chat/messages", json={"client_id": "a", "text": QUESTION}, headers=bearer)

    assert "set-cookie" not in said.headers
    assert len(program.get("/chat/history", headers=bearer).json()["posts"]) == 2
    assert program.get("/chat/history").json()["posts"] == []


def test_a_token_that_is_not_ours_is_refused(site: Site):
    answer = site.program().get("/chat/history", headers={"Authorization": "Bearer x"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


# --- from where -----------------------------------------------------------------------------------------

OUR_PAGE = {
    "our page": {"Sec-Fetch-Site": "same-origin"},
    "the person": {"Sec-Fetch-Site": "none"},
    "our page in an old browser": {"Origin": "{url}"},
    "a program": {},
}
OTHER_PAGES = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour": {"Sec-Fetch-Site": "same-site"},
    "another site in an old browser": {"Origin": "https://evil.example"},
    "a sandboxed page": {"Origin": "null"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "another site that also lies about its origin": {"Sec-Fetch-Site": "cross-site", "Origin": "{url}"},
}
CHANGES = {
    "/chat/messages": {"client_id": "a", "text": "你好"},
    "/chat/feedback": {"seq": 2, "rating": "up"},
    "/chat/clear": {},
    "/chat/session": {},
}


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("page", OTHER_PAGES)
def test_another_page_cannot_act_for_a_visitor(page: str, path: str, visitor: httpx.Client):
    del visitor.headers["Sec-Fetch-Site"]
    answer = visitor.post(path, json=CHANGES[path], headers=headers(OTHER_PAGES[page], visitor))

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("page", OUR_PAGE)
def test_our_own_page_can(page: str, visitor: httpx.Client):
    del visitor.headers["Sec-Fetch-Site"]
    body = CHANGES["/chat/messages"]

    assert (
        visitor.post("/chat/messages", json=body, headers=headers(OUR_PAGE[page], visitor)).status_code == 200
    )


def test_behind_a_proxy_our_origin_is_the_public_one(tmp_path: Path):
    with open_site(tmp_path, server={"public_url": "https://anwen.example.gov.cn"}) as site:
        program, body = site.program(), CHANGES["/chat/messages"]
        ours = program.post("/chat/messages", json=body, headers={"Origin": "https://anwen.example.gov.cn"})
        other = program.post("/chat/messages", json=body, headers={"Origin": site.url})

    assert (ours.status_code, other.status_code) == (200, 403)


def headers(of_page: dict[str, str], visitor: httpx.Client) -> dict[str, str]:
    url = str(visitor.base_url).rstrip("/")
    return {name: value.replace("{url}", url) for name, value in of_page.items()}


# --- rating and clearing --------------------------------------------------------------------------------


def rate(visitor: httpx.Client, seq: int, rating: str) -> httpx.Response:
    return visitor.post("/chat/feedback", json={"seq": seq, "rating": rating})


def test_a_thumb_up_is_stored_and_thanked(own_site: Site):
    visitor = own_site.visitor()
    say(visitor, QUESTION)

    assert rate(visitor, 2, "up").json() == {"text": "谢谢，记下了。", "choices": []}
    with own_site.database.reading() as tx:
        assert tx.execute(select(feedback.c.rating)).scalars().all() == [1]


def test_a_thumb_down_offers_a_person_and_the_newest_counts(own_site: Site):
    visitor = own_site.visitor()
    say(visitor, QUESTION)
    rate(visitor, 2, "up")
    sorry = rate(visitor, 2, "down").json()

    assert sorry["text"].startswith("对不起")
    assert "是哪里不对" in sorry["text"]
    assert sorry["choices"] == [
        {"label": "换个说法", "value": "none_of_these"},
        {"label": "转人工", "value": "human"},
    ]
    with own_site.database.reading() as tx:
        assert tx.execute(select(feedback.c.rating)).scalars().all() == [-1]


def test_a_second_thumb_down_is_a_ticket_in_the_chat(tmp_path: Path):
    with open_site(tmp_path, desk={"staffed": "yes"}) as site:
        visitor = site.visitor()
        say(visitor, QUESTION)
        say(visitor, "房东不退押金怎么办", id="m2")
        rate(visitor, 2, "down")

        told = rate(visitor, 4, "down").json()

        assert told["text"].startswith("记下了")
        assert told["choices"] == []
        assert "工单" in history(visitor)[-1]["text"]


def test_one_thumb_down_on_an_answer_in_danger_is_a_ticket_at_once(tmp_path: Path):
    with open_site(tmp_path, desk={"staffed": "yes"}) as site:
        visitor = site.visitor()
        say(visitor, "我刚刚把五万块转给骗子了")
        say(visitor, "取消工单", id="m2")

        told = rate(visitor, 2, "down").json()

        assert told["choices"] == []
        assert "已标为紧急" in history(visitor)[-1]["text"]


def test_thanks_are_said_in_the_language_of_the_chat(visitor: httpx.Client):
    say(visitor, "My boss does not pay my wages")

    assert rate(visitor, 2, "up").json()["text"] == "Thank you, noted."


@pytest.mark.parametrize("seq", [1, 3])
def test_only_an_answer_of_this_chat_can_be_rated(seq: int, visitor: httpx.Client):
    say(visitor, QUESTION)

    assert rate(visitor, seq, "up").status_code == 404


def test_another_visitors_answer_cannot_be_rated(site: Site, visitor: httpx.Client):
    say(visitor, QUESTION)

    assert rate(site.visitor(), 2, "up").status_code == 404


@pytest.mark.parametrize(
    "body", [{"seq": 2, "rating": "great"}, {"seq": 0, "rating": "up"}, {"seq": "2", "rating": "up"}, {}]
)
def test_an_unusable_rating_is_refused(body: dict, visitor: httpx.Client):
    assert visitor.post("/chat/feedback", json=body).status_code == 422


def test_a_cleared_chat_is_gone_from_the_browser_and_a_new_one_begins(own_site: Site):
    visitor = own_site.visitor()
    say(visitor, QUESTION)
    before = visitor.cookies[COOKIE]
    visitor.post("/chat/clear").raise_for_status()

    assert visitor.cookies[COOKIE] != before
    assert history(visitor) == []
    assert say(visitor, "那要多少钱？")["turn"]["entry"] is None
    with own_site.database.reading() as tx:
        ended = tx.execute(select(conversations.c.ended_at).order_by(conversations.c.id)).scalars().all()
    assert [bool(at) for at in ended] == [True, False]


def test_the_old_name_of_a_cleared_chat_opens_nothing(site: Site, visitor: httpx.Client):
    say(visitor, QUESTION)
    before = visitor.cookies[COOKIE]
    visitor.post("/chat/clear").raise_for_status()
    thief = site.program()
    thief.cookies.set(COOKIE, before)

    assert history(thief) == []


def test_an_embedded_page_that_clears_gets_another_token(site: Site):
    program = site.program()
    token = program.post("/chat/session").json()["token"]
    cleared = program.post("/chat/clear", headers={"Authorization": f"Bearer {token}"}).json()

    assert cleared["token"] not in (None, token)


# --- too much, and too broken ---------------------------------------------------------------------------


def test_a_flood_is_slowed_down_and_nothing_of_it_is_recorded(tmp_path: Path):
    with open_site(tmp_path, web={"messages_per_minute": 6}) as site:
        visitor = site.visitor()
        for number in range(5):
            say(visitor, "谢谢", id=f"m{number}")
        slowed = visitor.post("/chat/messages", json={"client_id": "one-more", "text": "谢谢"})

        assert slowed.status_code == 429
        assert slowed.json()["error"]["code"] == "slow_down"
        assert "消息太快了" in slowed.json()["error"]["message"]
        assert 1 <= int(slowed.headers["retry-after"]) <= 10
        assert len(history(visitor)) == 10
        assert 'anwen_slowed_messages_total{channel="web"} 1.0' in visitor.get("/metrics").text


def test_somebody_in_danger_is_always_answered(tmp_path: Path):
    with open_site(tmp_path, web={"messages_per_minute": 6}) as site:
        visitor = site.visitor()
        for number in range(8):
            visitor.post("/chat/messages", json={"client_id": f"m{number}", "text": "谢谢"})

        assert say(visitor, "我刚刚被骗转了三万块钱", id="help")["turn"]["urgent"] is True


def test_many_new_chats_from_one_address_are_slowed_down_but_old_ones_go_on(tmp_path: Path):
    with open_site(tmp_path, web={"sessions_per_hour": 2}) as site:
        first, second, third = site.visitor(), site.visitor(), site.visitor()
        say(first, "你好")
        say(second, "你好")
        refused = third.post("/chat/messages", json={"client_id": "a", "text": "你好"})

        assert refused.status_code == 429
        assert say(first, "谢谢", id="m2")["turn"]["kind"] == "smalltalk"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("我刚刚被骗转了三万块钱", "请求紧急止付"),
        ("家里着火了", "119"),
        (QUESTION, "12348"),
        ("hello there", "12348"),
    ],
)
def test_without_a_database_people_still_hear_what_to_do(text: str, words: str, own_site: Site):
    visitor = own_site.visitor()
    make_read_only(own_site)
    answer = visitor.post("/chat/messages", json={"client_id": "a", "text": text})

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "unavailable"
    assert words in answer.json()["error"]["message"]
    assert int(answer.headers["retry-after"]) > 0


def test_a_failure_is_answered_like_any_message(own_site: Site):
    visitor = own_site.visitor()
    own_site.search.broken = True
    answer = say(visitor, QUESTION)

    assert "已经记录下来" in answer["replies"][0]["text"]
    with own_site.database.reading() as tx:
        assert len(tx.execute(select(messages)).all()) == 2
