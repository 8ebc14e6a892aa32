"""What a citizen writes stays text: in pages, in searches, in spreadsheets. What a colleague notes stays inside."""

import csv
import io
import json
from html.parser import HTMLParser

import openpyxl
import pytest
from sqlalchemy import text

from tests.bot.console.world import Desk
from tests.security.test_other_peoples_tickets import attach

EVIL = "\"'><img src=x onerror=alert(1) data-evil><script data-evil>alert(1)</script></textarea></template>{{777*777}}"


class Evil(HTMLParser):
    """Counts elements that came out of somebody's words, and everything that could run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        values = dict(attrs)
        if "data-evil" in names or any(name.startswith("on") for name in names):
            self.found.append(f"{tag} {names}")
        if tag == "script" and "src" not in names and values.get("type") != "application/json":
            self.found.append("inline script")
        if "style" in names or str(values.get("href", "")).lower().startswith("javascript"):
            self.found.append(f"{tag} style or javascript address")


def evil_in(html: str) -> list[str]:
    parser = Evil()
    parser.feed(html)
    return parser.found


def test_words_of_a_citizen_never_become_markup(desk: Desk) -> None:
    citizen, number = desk.ask_for_person(f"{EVIL} 拖欠工资")
    attach(citizen, EVIL)
    boss = desk.staff("boss")
    boss.post(f"/staff/tickets/{number}/note", data={"text": EVIL})
    boss.post("/staff/canned", data={"title": EVIL[:90], "text": EVIL})
    person = {"name": EVIL[:60], "role": "agent", "max_tickets": "5"}
    boss.post(f"/staff/people/{desk.people['agent'].id}", data=person)
    boss.post(f"/staff/tickets/{number}/assign", data={"to": str(desk.people["agent"].id), "note": EVIL})

    for path in (
        "/staff",
        f"/staff/tickets/{number}",
        f"/staff/tickets/{number}/print?notes=true",
        "/staff/search?q=拖欠",
        "/staff/report",
        "/staff/canned",
        "/staff/people",
        "/staff/audit",
    ):
        page = boss.get(path)
        assert page.status_code == 200, path
        assert evil_in(page.text) == [], path
        assert "603729" not in page.text, path  # what a template would make of the braces
        policy = page.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/staff/search?q={}",
        "/staff/tickets/{}",
        "/staff?said={}",
        "/staff/sign-in?next={}",
        "/staff/audit?target={}",
        "/staff/entries/{}",
    ],
)
def test_nothing_in_an_address_becomes_markup(desk: Desk, path: str) -> None:
    boss = desk.staff("boss")

    from urllib.parse import quote

    assert evil_in(boss.get(path.format(quote(EVIL, safe=""))).text) == []


@pytest.mark.parametrize(
    "query",
    [
        "' OR 1=1 --",
        '" OR "a"="a',
        '诈骗" OR grams:*',
        "NEAR(工 资)",
        "%",
        "_",
        "*",
        "^工资",
        "工资 NOT 老板",
        "\\",
        "'; DROP TABLE messages; --",
        "a\x00b",
        "AND",
        ")(",
    ],
)
def test_a_search_is_words_never_a_language(desk: Desk, query: str) -> None:
    desk.ask_for_person("房东不退押金怎么办")
    boss = desk.staff("boss")

    answer = boss.get("/staff/search", params={"q": query})

    assert answer.status_code == 200
    assert "押金" not in answer.text
    with desk.database.reading() as tx:
        assert tx.execute(text("SELECT count(*) FROM messages")).scalar_one() > 0


@pytest.mark.parametrize("query", ["show=live' OR 1=1", "queue=legal'--", "page=-1", "page=1e9"])
def test_a_filter_that_does_not_exist_is_refused(desk: Desk, query: str) -> None:
    assert desk.staff("boss").get(f"/staff?{query}").status_code == 422


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "＝", "\u200b=", "|"])
def test_a_subject_is_never_a_formula(desk: Desk, start: str) -> None:
    desk.ask_for_person(f'{start}HYPERLINK("https://evil.example","拖欠工资")')
    boss = desk.staff("boss")

    table = csv.reader(io.StringIO(boss.get("/staff/report/tickets.csv").content.decode("utf-8-sig")))
    subjects = [row[4] for row in table][1:]
    assert all(subject.startswith("'") or subject.lstrip()[:4] == "HYPE" for subject in subjects), subjects
    book = openpyxl.load_workbook(io.BytesIO(boss.get("/staff/report/tickets.xlsx").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert not [
        cell.value for cell in cells if str(cell.value).lstrip("\u200b \t")[:1] in "=+-@＝|" and cell.value
    ]


def test_a_note_never_reaches_the_citizen(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    secret = "此人多次投诉，核实身份后再说"
    agent = desk.staff("agent")
    seen = max(post["seq"] for post in desk.history(citizen))
    agent.post(f"/staff/tickets/{number}/claim")
    agent.post(f"/staff/tickets/{number}/note", data={"text": secret})
    agent.post(f"/staff/tickets/{number}/answer", data={"text": "已收到。", "seen": seen})
    agent.post(f"/staff/tickets/{number}/assign", data={"to": str(desk.people["lead"].id), "note": secret})
    agent.post(f"/staff/tickets/{number}/transfer", data={"queue": "mediation", "note": secret})
    lead = desk.staff("lead")
    desk.say(citizen, f"rate:1:{number}")
    lead.post(f"/staff/tickets/{number}/call-back", data={"text": secret, "outcome": "settled"})
    lead.post(f"/staff/tickets/{number}/close", data={"reason": "solved"})
    desk.say(citizen, f"查询 {number}")

    assert secret not in json.dumps(desk.history(citizen), ensure_ascii=False)
    with desk.database.reading() as tx:
        said = tx.execute(text("SELECT text, payload FROM messages")).all()
        logged = tx.execute(text("SELECT detail FROM audit")).all()
    assert secret not in str(said)
    assert secret not in str(logged)
    assert secret in lead.get(f"/staff/tickets/{number}").text
    assert secret not in lead.get(f"/staff/tickets/{number}/print").text
    assert secret in lead.get(f"/staff/tickets/{number}/print?notes=true").text
    assert secret.encode() not in lead.get("/staff/report/tickets.csv").content


def test_numbers_are_hidden_until_somebody_says_on_record_that_they_look(desk: Desk) -> None:
    _, number = desk.ask_for_person("身份证330402199001011234，电话13812345678，老板拖欠工资")
    agent = desk.staff("agent")

    page = agent.get(f"/staff/tickets/{number}").text
    assert "330402********1234" in page
    assert not [secret for secret in ("199001011234", "13812345678") if secret in page]
    agent.post(f"/staff/tickets/{number}/reveal")
    assert "13812345678" in agent.get(f"/staff/tickets/{number}").text
    assert "13812345678" not in desk.staff("lead").get(f"/staff/tickets/{number}").text
    assert "显示号码" in desk.staff("audit").get("/staff/audit?action=ticket.reveal").text
