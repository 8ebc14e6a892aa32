"""Screenshots of the staff console for docs/staff-guide.md, from a desk with a morning's work in it; and of the same
ticket as the citizen sees it.

    python docs/make_staff_screenshots.py docs/images

Starts a desk of its own with the tests' small knowledge base, so that the pictures are the same everywhere.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.conversation.daily import Figures
from bot.storage.figure_tables import daily_figures
from docs.make_screenshots import CHROMIUM, DESKTOP, FLAGS, PHONE, Screen
from knowledge.entries import Queue
from tests.bot.console.world import PASSWORD, Desk, open_desk_site
from tests.security.test_files import PNG, upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: who looks at which page, and what is done before it is taken."""

    name: str
    path: str = "/staff"
    who: str = "lead"
    act: Callable[[Page], None] = lambda page: None
    screens: tuple[Screen, ...] = (DESKTOP,)


def write_note(page: Page) -> None:
    """The yellow form, half written."""
    page.click("#tab-note")
    page.fill("#note", "劳动监察的联系人是王科长，周三上午在。")


def transfer(page: Page) -> None:
    """About to hand the ticket on."""
    page.click("#pop-transfer summary")
    page.fill("#pop-transfer textarea", "双方都愿意谈，请安排调解员。")


def history(page: Page) -> None:
    """What happened, and when the clocks stood still."""
    page.click("#panel-history summary")
    page.locator("#panel-history").scroll_into_view_if_needed()


def insert(page: Page) -> None:
    """A suggested answer in the box."""
    page.locator("[data-insert]").first.click()


def late(page: Page) -> None:
    """A colleague was faster."""
    page.evaluate("document.getElementById('form-answer').elements.seen.value = 1")
    page.fill("#answer", "您好，我来看看。")
    page.evaluate("document.getElementById('form-answer').elements.seen.value = 1")
    page.press("#answer", "Control+Enter")
    page.locator("#late[open]").wait_for()


def years(page: Page) -> None:
    """The yearly figures at the top of the screen."""
    page.locator("#yearly").evaluate("section => section.scrollIntoView({block: 'start'})")


def keys(page: Page) -> None:
    """The list of shortcuts."""
    page.keyboard.press("?")


SHOTS = (
    Shot(name="staff-sign-in", who=""),
    Shot(name="staff-list", screens=(DESKTOP, PHONE)),
    Shot(name="staff-ticket", path="/staff/tickets/{}", screens=(DESKTOP, PHONE)),
    Shot(name="staff-note", path="/staff/tickets/{}", act=write_note),
    Shot(name="staff-transfer", path="/staff/tickets/{}", act=transfer),
    Shot(name="staff-history", path="/staff/tickets/{}", act=history),
    Shot(name="staff-insert", path="/staff/tickets/{}", act=insert),
    Shot(name="staff-late", path="/staff/tickets/{}", act=late),
    Shot(name="staff-rated", path="/staff/tickets/{1}"),
    Shot(name="staff-search", path="/staff/search?q=押金"),
    Shot(name="staff-report", path="/staff/report"),
    Shot(name="staff-years", path="/staff/report", act=years),
    Shot(name="staff-people", path="/staff/people", who="boss"),
    Shot(name="staff-audit", path="/staff/audit", who="audit"),
    Shot(name="staff-keys", act=keys),
)


def unhappy(desk: Desk) -> tuple[httpx.Client, str]:
    """Somebody whom an answer did not help, with a picture: their browser and the number of the ticket."""
    citizen = desk.citizen()
    answer = desk.say(citizen, "老板拖欠工资怎么办")["replies"][-1]
    citizen.post("/chat/feedback", json={"seq": answer["seq"], "rating": "down"}).raise_for_status()
    desk.say(citizen, "转人工")
    desk.say(citizen, "欠了三个月 24000 元，我的电话是 13812345678")
    upload(citizen, PNG, "工资条.png").raise_for_status()
    return citizen, desk.newest().number


def earlier_years(desk: Desk) -> None:
    """What the days of the last two years counted."""
    today = desk.clock().astimezone(desk.config.district.zone).date()
    first = date(today.year - 1, 1, 1)
    rows = []
    for number in range((today - first).days):
        day, busy = first + timedelta(days=number), 3 if number < 365 else 4
        counted = Figures(
            consultations=9 * busy + number % 7,
            alone=7 * busy + number % 5,
            credit=2 * busy,
            fraud=busy + number % 3,
            credit_repairs=number % 3,
            fraud_reports=number % 2,
            tickets=busy,
            closed=busy,
            rated_5=busy - 2,
            rated_4=number % 3 // 2,
            rated_2=number % 29 // 28,
        )
        rows.append({"day": day.isoformat(), **asdict(counted)})
    with desk.database.transaction() as tx:
        tx.execute(daily_figures.insert(), rows)


def a_mornings_work(desk: Desk) -> tuple[str, str]:
    """Eight citizens, one of them in a hurry; the numbers of the tickets to look at: one at work, one rated."""
    for question in ("老板拖欠工资怎么办", "房东不退押金怎么办", "信用中国上的处罚记录怎么申请修复"):
        desk.say(desk.citizen(), question)
    desk.ask_for_person("信用中国上的处罚记录怎么申请修复")
    desk.ask_for_person("公共停车位被人长期占用怎么办")
    citizen, number = unhappy(desk)
    urgent = desk.citizen()
    desk.say(urgent, "我刚刚被骗转了三万块钱，对方还让我共享屏幕")
    agent, lead = desk.staff("agent"), desk.staff("lead")
    base = f"/staff/tickets/{number}"
    for title, text in (
        ("收到", "您好，您的工单 {number} 已由 {name} 受理，我们马上为您核实。"),
        ("带什么", "请带身份证、合同和聊天记录，工作日到窗口办理。"),
    ):
        lead.post("/staff/canned", data={"title": title, "queue": "", "text": text})
    agent.post("/staff/account/duty", data={"on": "yes"})
    agent.post(f"{base}/claim")
    agent.post(f"{base}/note", data={"text": "已电话核实，公司承认拖欠，联系电话 13700001111。"})
    seen = max(post["seq"] for post in desk.history(citizen))
    answer = "您好，我们已联系劳动监察大队。请准备好劳动合同、考勤记录和工资条，周三上午到窗口办理。"
    agent.post(f"{base}/answer", data={"text": answer, "seen": seen})
    desk.history(citizen)
    desk.say(citizen, "好的。房东不退押金怎么办，也能一起问吗？")
    other, closed = desk.ask_for_person("老板拖欠工资怎么办")
    seen = max(post["seq"] for post in desk.history(other))
    agent.post(f"/staff/tickets/{closed}/answer", data={"text": "已经办好了。", "seen": seen})
    agent.post(f"/staff/tickets/{closed}/close", data={"reason": "solved"})
    desk.say(other, "非常满意")
    desk.say(other, "留一句话")
    desk.say(other, "小张很耐心，帮我把工资要回来了，电话 13812345678 可以回访。")
    earlier_years(desk)
    return number, closed


def citizens_side(browser: Browser, desk: Desk) -> Iterator[tuple[str, Page]]:
    """One citizen's chat from the receipt to the rating, each state with the name of its picture."""
    page = opened(browser, PHONE).new_page()
    page.goto(f"{desk.url}/chat")
    page.locator("#log[aria-live=polite]").wait_for(state="attached")
    for words in ("老板拖欠工资怎么办", "转人工"):
        send(page, words)
    number = desk.newest().number
    page.get_by_text(number).first.wait_for()
    yield "chat-receipt", page
    agent, base = desk.staff("agent"), f"/staff/tickets/{number}"
    answer = "您好，劳动监察大队已经联系了公司。请带劳动合同、考勤记录和工资条，周三上午到窗口办理。"
    agent.post(f"{base}/answer", data={"text": answer, "seen": 99})
    page.get_by_text("周三上午到窗口办理").wait_for()
    send(page, "好的，周三上午过去，谢谢")
    yield "chat-person", page
    agent.post(f"{base}/answer", data={"text": "工资已经补发，凭证请查收短信。", "seen": 99})
    agent.post(f"{base}/close", data={"reason": "solved"})
    page.get_by_role("button", name="非常满意", exact=True).wait_for()
    yield "chat-rating", page
    page.get_by_role("button", name="非常满意", exact=True).click()
    page.get_by_role("button", name="留一句话").click()
    page.get_by_text("只给工作人员看").wait_for()
    send(page, "小张很耐心，帮我把工资要回来了。")
    page.get_by_text("工作人员会看到").wait_for()
    yield "chat-comment", page
    page.context.close()


def send(page: Page, text: str) -> None:
    """Write and wait until it is taken."""
    with page.expect_response("**/chat/messages"):
        page.fill("#text", text)
        page.press("#text", "Enter")


def opened(browser: Browser, screen: Screen) -> BrowserContext:
    """A browser that knows nobody, of this size."""
    return browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        has_touch=screen.touch,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )


def take(
    browser: Browser, desk: Desk, shot: Shot, screen: Screen, numbers: tuple[str, str], folder: Path
) -> Path:
    """Take one picture."""
    context = opened(browser, screen)
    page = context.new_page()
    page.goto(f"{desk.url}/staff")
    if shot.who:
        page.fill("[name=username]", shot.who)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/staff")
        page.goto(desk.url + shot.path.format(*numbers))
        page.wait_for_timeout(600)
    shot.act(page)
    page.wait_for_timeout(200)
    file = folder / f"{shot.name}-{screen.name}.png"
    page.screenshot(path=file)
    context.close()
    return file


def main() -> None:
    """Take all pictures, or those whose name was given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", nargs="*", default=[], help="names of pictures")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    always = {
        "queue_hours": {queue.value: "always" for queue in Queue}
    }  # a picture made at night says no less
    with (
        tempfile.TemporaryDirectory() as data,
        open_desk_site(Path(data) / "staff") as desk,
        open_desk_site(Path(data) / "citizen", desk=always) as other_desk,
        sync_playwright() as playwright,
    ):
        numbers = a_mornings_work(desk)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, page in citizens_side(browser, other_desk):
            if not arguments.only or name in arguments.only:
                page.wait_for_timeout(300)
                file = arguments.folder / f"{name}-{PHONE.name}.png"
                page.screenshot(path=file)
                sys.stdout.write(f"{file}\n")
        for shot in SHOTS:
            if arguments.only and shot.name not in arguments.only:
                continue
            for screen in shot.screens:
                sys.stdout.write(f"{take(browser, desk, shot, screen, numbers, arguments.folder)}\n")
        browser.close()


if __name__ == "__main__":
    main()
