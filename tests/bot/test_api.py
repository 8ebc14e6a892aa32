import json
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event, select, text

from bot.storage.tables import conversations, failures, messages
from tests.bot.world import REVIEWED, WAGES, Site, open_site

CHAT = "/api/v1/chat"


@pytest.fixture
def program(site: Site) -> httpx.Client:
    return site.program()


def ask(program: httpx.Client, text: str, **more: str | None) -> dict:
    answer = program.post(CHAT, json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_answer_is_the_object_of_the_contract(program: httpx.Client):
    answer = ask(program, "老板拖欠工资怎么办？", conversation="c-1", message_id="m-1")

    assert answer == {
        "id": "m-1",
        "conversation": "c-1",
        "turn": {
            "kind": "answer",
            "domain": "legal",
            "entry": WAGES,
            "confidence": 0.95,
            "risk": "none",
            "urgent": False,
            "human": "none",
            "language": "zh",
        },
        "replies": [
            {
                "text": answer["replies"][0]["text"],
                "choices": [],
                "sources": [
                    {
                        "title": "劳动法",
                        "article": "第五十条",
                        "url": None,
                        "reviewed_on": REVIEWED.isoformat(),
                    },
                    {
                        "title": "劳动合同法",
                        "article": "第三十条",
                        "url": None,
                        "reviewed_on": REVIEWED.isoformat(),
                    },
                ],
            }
        ],
        "ticket": None,
    }
    assert answer["replies"][0]["text"].startswith("先打 12333 投诉。")


def test_a_new_conversation_gets_a_name_to_go_on_with(program: httpx.Client):
    first = ask(program, "老板拖欠工资怎么办？")
    follow_up = ask(program, "那要多少钱？", conversation=first["conversation"])

    assert len(first["conversation"]) >= 22  # 128 bits
    assert follow_up["conversation"] == first["conversation"]
    assert follow_up["turn"]["entry"] == WAGES
    assert "不收费" in follow_up["replies"][0]["text"]


def test_two_new_conversations_are_not_the_same(program: httpx.Client):
    assert ask(program, "你好")["conversation"] != ask(program, "你好")["conversation"]


def test_another_conversation_knows_nothing_of_the_first(program: httpx.Client):
    ask(program, "老板拖欠工资怎么办？", conversation="one")

    assert ask(program, "那要多少钱？", conversation="two")["turn"]["entry"] is None


def test_the_name_of_a_conversation_is_stored_as_a_hash_only(own_site: Site):
    program = own_site.program()
    ask(program, "你好", conversation="my-secret-name")

    with own_site.database.reading() as tx:
        row = tx.execute(select(conversations)).one()
    assert row.channel == "api"
    assert len(row.address) == 64
    assert "my-secret-name" not in str(row)


def test_the_same_message_id_gets_the_same_replies_and_counts_once(own_site: Site):
    program = own_site.program()
    first = ask(program, "老板拖欠工资怎么办？", conversation="c", message_id="m")
    again = ask(program, "老板拖欠工资怎么办？", conversation="c", message_id="m")

    assert again == first
    with own_site.database.reading() as tx:
        assert len(tx.execute(select(messages)).all()) == 2  # the question and one answer


def test_choices_can_be_pressed_by_value(program: httpx.Client):
    offered = ask(program, "可能是工资，也可能是押金", conversation="c")
    choice = offered["replies"][0]["choices"][0]
    pressed = ask(program, choice["value"], conversation="c")

    assert offered["turn"]["kind"] == "choices"
    assert pressed["turn"]["entry"] == WAGES
    assert pressed["turn"]["language"] == "zh"  # a value is no English


def test_the_button_for_a_person_does_not_change_the_language(program: httpx.Client):
    ask(program, "可能是工资", conversation="c")

    assert ask(program, "human", conversation="c")["turn"]["language"] == "zh"


def test_a_handover_carries_its_ticket(tmp_path: Path):
    with open_site(tmp_path, desk={"staffed": "yes"}) as site:
        answer = ask(site.program(), "转人工")

    assert answer["turn"]["human"] == "made"
    assert set(answer["ticket"]) == {"number", "queue", "priority", "position", "expected_by"}


def test_text_with_control_characters_is_answered(program: httpx.Client):
    assert ask(program, "老板\x00拖欠\x1b[31m工资\x07")["turn"]["entry"] == WAGES


def test_half_a_surrogate_pair_is_answered(program: httpx.Client):
    body = '{"text": "拖欠工资\\ud83d"}'
    answer = program.post(CHAT, content=body, headers={"Content-Type": "application/json"})

    assert answer.json()["turn"]["entry"] == WAGES


def test_an_empty_text_is_answered_kindly(program: httpx.Client):
    assert ask(program, "  ")["turn"]["kind"] == "decline"


def test_a_very_long_emergency_is_still_an_emergency(program: httpx.Client):
    assert ask(program, "我刚刚被骗转了三万块钱。" + "求求你们帮帮我。" * 400)["turn"]["urgent"] is True


JSON = {"Content-Type": "application/json"}
BAD_REQUESTS = {
    "no JSON": (b"{", JSON, 400, "bad_json"),
    "nothing": (b"", JSON, 422, "invalid_request"),
    "not UTF-8": (b'{"text": "\xff"}', JSON, 400, "bad_request"),
    "endless nesting": (b'{"text": ' + b"[" * 60_000, JSON, 400, None),
    "a list": (b"[]", JSON, 422, "invalid_request"),
    "a number": (b"5", JSON, 422, "invalid_request"),
    "a form": (b"text=hi", {"Content-Type": "application/x-www-form-urlencoded"}, 415, None),
    "no type": (b'{"text": "hi"}', {}, 415, "unsupported_media_type"),
    "no text": (b'{"conversation": "c"}', JSON, 422, "missing_field"),
    "text is a number": (b'{"text": 5}', JSON, 422, "invalid_request"),
    "text is null": (b'{"text": null}', JSON, 422, "invalid_request"),
    "text is NaN": (b'{"text": NaN}', JSON, 422, "invalid_request"),
    "text is a list": (b'{"text": ["hi"]}', JSON, 422, "invalid_request"),
    "conversation is a number": (b'{"text": "hi", "conversation": 1}', JSON, 422, "invalid_request"),
    "conversation is empty": (b'{"text": "hi", "conversation": ""}', JSON, 422, "invalid_request"),
    "conversation is long": (
        json.dumps({"text": "hi", "conversation": "c" * 129}).encode(),
        JSON,
        422,
        "invalid_request",
    ),
    "message_id is long": (
        json.dumps({"text": "hi", "message_id": "m" * 129}).encode(),
        JSON,
        422,
        "invalid_request",
    ),
    "conversation has a line break": (
        b'{"text": "hi", "conversation": "a\\nb"}',
        JSON,
        422,
        "invalid_request",
    ),
    "conversation has half a pair": (
        b'{"text": "hi", "conversation": "\\ud83d"}',
        JSON,
        422,
        "invalid_request",
    ),
    "too large": (json.dumps({"text": "字" * 30_000}).encode(), JSON, 413, "too_large"),
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_bad_request_is_refused_in_the_one_shape(name: str, program: httpx.Client):
    body, headers, status, code = BAD_REQUESTS[name]

    answer = program.post(CHAT, content=body, headers=headers)

    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"code", "message"}
    if code is not None:
        assert answer.json()["error"]["code"] == code


def test_a_refusal_does_not_echo_what_was_sent(program: httpx.Client):
    assert "6222021234567890123" not in program.post(CHAT, json={"text": ["6222021234567890123"]}).text


def test_a_large_body_without_a_length_is_refused(program: httpx.Client):
    def pieces():
        for _ in range(200):
            yield b" " * 1024

    assert program.post(CHAT, content=pieces(), headers=JSON).status_code == 413


@pytest.mark.parametrize(("path", "status"), [("/api/v1/nothing", 404), (CHAT, 405)])
def test_other_errors_have_the_same_shape(path: str, status: int, program: httpx.Client):
    answer = program.get(path)

    assert (answer.status_code, set(answer.json())) == (status, {"error"})


def test_unknown_keys_are_ignored_so_that_old_servers_take_new_callers(program: httpx.Client):
    assert program.post(CHAT, json={"text": "你好", "mood": "good"}).status_code == 200


def test_the_contract_is_documented_and_the_page_is_not(program: httpx.Client):
    document = program.get("/api/v1/openapi.json").json()
    chat = document["paths"][CHAT]["post"]

    assert chat["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("ChatResponse")
    assert chat["responses"]["422"]["content"]["application/json"]["schema"]["$ref"].endswith("ErrorBody")
    assert set(document["components"]["schemas"]["ChatResponse"]["required"]) == {
        "id",
        "conversation",
        "turn",
        "replies",
        "ticket",
    }
    assert not any(path.startswith("/chat") for path in document["paths"])


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_no_page_loads_scripts_from_another_host(path: str, program: httpx.Client):
    assert program.get(path).status_code == 404


def test_answers_cannot_be_taken_for_pages(program: httpx.Client):
    headers = program.post(CHAT, json={"text": "你好"}).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_a_failure_is_answered_recorded_and_counted(own_site: Site):
    program = own_site.program()
    own_site.search.broken = True
    answer = ask(program, "老板拖欠工资怎么办？")

    assert answer["turn"]["human"] != "none"
    assert "12348" in answer["replies"][0]["text"]
    with own_site.database.reading() as tx:
        assert tx.execute(select(failures.c.reason)).scalars().all() == ["RuntimeError"]
    assert 'anwen_failures_total{channel="api"} 1.0' in program.get("/metrics").text


def test_metrics_count_by_channel_and_kind(own_site: Site):
    program = own_site.program()
    ask(program, "老板拖欠工资怎么办？")
    ask(program, "你好")
    metrics = program.get("/metrics").text

    assert 'anwen_messages_total{channel="api",kind="answer"} 1.0' in metrics
    assert 'anwen_messages_total{channel="api",kind="smalltalk"} 1.0' in metrics
    assert 'anwen_handling_seconds_count{channel="api"} 2.0' in metrics


def test_a_running_server_is_alive_and_ready(program: httpx.Client):
    assert program.get("/healthz").json() == {"status": "ok", "reason": None}
    assert program.get("/readyz").json() == {"status": "ok", "reason": None}


def test_without_knowledge_it_is_alive_but_not_ready(tmp_path: Path):
    with open_site(tmp_path, ready=lambda: "no build; run anwen knowledge build") as site:
        program = site.program()
        ready = program.get("/readyz")

        assert (ready.status_code, ready.json()["reason"]) == (503, "no build; run anwen knowledge build")
        assert program.get("/healthz").status_code == 200


def test_with_a_database_that_cannot_be_written_it_is_not_ready(own_site: Site):
    program = own_site.program()
    make_read_only(own_site)
    ready = program.get("/readyz")

    assert ready.status_code == 503
    assert "cannot be written" in ready.json()["reason"]


def make_read_only(site: Site) -> None:
    """Every connection from now on refuses to write, as on a full or read-only disk."""
    site.database.engine.dispose()
    event.listen(site.database.engine, "connect", lambda raw, _: raw.execute("PRAGMA query_only=ON"))
    with site.database.reading() as tx:
        assert tx.execute(text("PRAGMA query_only")).scalar() == 1


def test_a_message_is_checked_for_signs_of_fraud(program: httpx.Client):
    answer = program.post("/api/v1/check", json={"id": "7", "text": "他让我把钱转到安全账户，我正在银行"})

    found = answer.json()
    assert answer.status_code == 200
    assert set(found) == {"id", "risk", "score", "type", "stage", "red_flags", "advice"}
    assert (found["id"], found["risk"], found["type"]) == ("7", "in_progress", "police")
    assert found["red_flags"][0]["quote"] in "他让我把钱转到安全账户，我正在银行"


def test_a_check_that_finds_nothing_does_not_say_that_all_is_well(program: httpx.Client):
    found = program.post("/api/v1/check", json={"text": "晚上一起吃饭吗"}).json()

    assert (found["risk"], found["type"], found["stage"], found["red_flags"]) == ("none", None, None, [])
    assert "不等于没有问题" in found["advice"]


def test_a_check_without_text_is_refused(program: httpx.Client):
    answer = program.post("/api/v1/check", json={"message": "x"})

    assert answer.status_code == 422
    assert set(answer.json()["error"]) == {"code", "message"}
