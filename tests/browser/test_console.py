"""One ticket in two real browsers: the citizen's chat and the staff console."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.upkeep import Upkeep, keeping
from tests.bot.console.world import PASSWORD, Desk, open_desk_site
from tests.security.test_files import PDF, PNG

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WITHIN_S = 1.0
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium here"),
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The console on a free port."""
    with open_desk_site(tmp_path) as desk:
        yield desk


class Browsers:
    """People in front of their own browsers; what a page complains about fails the test."""

    def __init__(self, desk: Desk, browser: "playwright.Browser") -> None:
        self.desk = desk
        self.browser = browser
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ("409",)  # refusals a browser complains of

    def page(self, **options: object) -> "playwright.Page":
        context = self.browser.new_context(locale="zh-CN", reduced_motion="reduce", **options)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, message: "playwright.ConsoleMessage") -> None:
        if message.type == "error" and not any(status in message.text for status in self.expected):
            self.complaints.append(message.text)

    def staff(self, username: str, **options: object) -> "playwright.Page":
        page = self.page(**options)
        page.goto(f"{self.desk.url}/staff")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/staff")
        ready(page)
        return page

    def citizen(self) -> "playwright.Page":
        page = self.page(viewport={"width": 390, "height": 844})
        page.goto(f"{self.desk.url}/chat")
        page.locator("#log[aria-live=polite]").wait_for(state="attached")
        return page


@pytest.fixture
def browsers(desk: Desk, browser: "playwright.Browser") -> Iterator[Browsers]:
    """The suite's one Chromium, and no complaint of any page in it."""
    found = Browsers(desk, browser)
    yield found
    for context in browser.contexts:
        context.close()
    assert found.complaints == []


def ready(page: "playwright.Page") -> None:
    """Wait until the page's keys and buttons work."""
    page.locator("html[data-ready]").wait_for(state="attached")


def ask(page: "playwright.Page", text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def sees(page: "playwright.Page", text: str, *, since: float) -> None:
    """`text` appears on `page`, not later than a second after `since`."""
    page.get_by_text(text).last.wait_for()
    took = time.monotonic() - since
    assert took < WITHIN_S, f"‘{text}’ took {took:.2f} s"


def test_a_citizen_and_the_desk_talk_until_the_rating(browsers: Browsers) -> None:
    agent = browsers.staff("agent", viewport={"width": 1280, "height": 800})
    citizen = browsers.citizen()
    ask(citizen, "老板拖欠工资怎么办")
    citizen.locator(".post.bot[data-seq]").first.wait_for()
    citizen.click("#person")
    citizen.get_by_text("已登记").first.wait_for()
    started = time.monotonic()
    agent.locator(".line").first.wait_for()
    assert time.monotonic() - started < WITHIN_S

    agent.locator(".line-link").first.click()
    agent.get_by_role("button", name="受理", exact=True).click()
    agent.get_by_text("已受理，由您办理。").wait_for()

    agent.fill("#answer", "您好，请带上劳动合同。")
    agent.press("#answer", "Control+Enter")
    sees(citizen, "您好，请带上劳动合同。", since=time.monotonic())
    agent.locator(".msg.staff .delivery.sent").first.wait_for()

    agent.click("#tab-note")
    agent.fill("#note", "此人情绪激动，语气要缓。")
    agent.press("#note", "Control+Enter")
    agent.locator(".msg.note").wait_for()
    assert (
        agent.locator(".msg.note").evaluate("note => getComputedStyle(note).backgroundColor")
        == "rgb(255, 243, 184)"
    )

    ask(citizen, "合同丢了怎么办？")
    sees(agent, "合同丢了怎么办？", since=time.monotonic())

    agent.click("#pop-transfer summary")
    agent.select_option("#to-queue", "services")
    agent.click("#pop-transfer button")
    agent.get_by_text("已转交。").wait_for()
    agent.click("#tab-answer")
    agent.fill("#answer", "可以用工资条代替。")
    agent.click("#form-answer .primary")
    sees(citizen, "可以用工资条代替。", since=time.monotonic())

    agent.click("#pop-close summary")
    agent.click("#pop-close button")
    sees(citizen, "非常满意", since=time.monotonic())
    citizen.get_by_role("button", name="非常满意").click()
    agent.get_by_text("非常满意").first.wait_for()

    assert "情绪激动" not in citizen.content()
    assert browsers.desk.newest().satisfaction == 5


def test_a_late_answer_is_caught(browsers: Browsers) -> None:
    _, number = browsers.desk.ask_for_person("老板拖欠工资怎么办")
    agent, lead = browsers.staff("agent"), browsers.staff("lead")
    for page in (agent, lead):
        page.goto(f"{browsers.desk.url}/staff/tickets/{number}")
    agent.get_by_text("王主管 正在查看").wait_for()
    lead.locator("#answer").press_sequentially("我来")
    agent.get_by_text("王主管 正在输入").wait_for()
    agent.fill("#answer", "我先回了。")
    agent.press("#answer", "Control+Enter")
    lead.locator(".msg.staff").wait_for()

    lead.press("#answer", "Control+Enter")
    lead.get_by_text(re.compile("张三 0 分钟前已回复")).wait_for()
    lead.get_by_role("button", name="先看看").click()
    assert lead.input_value("#answer") == "我来"
    assert lead.locator(".msg.staff").count() == 1


def test_a_draft_outlives_the_page_and_leaves_with_the_person(browsers: Browsers) -> None:
    _, number = browsers.desk.ask_for_person("老板拖欠工资怎么办")
    agent = browsers.staff("agent")
    agent.goto(f"{browsers.desk.url}/staff/tickets/{number}")
    agent.locator("#answer").press_sequentially("写了一半")
    agent.reload()
    assert agent.input_value("#answer") == "写了一半"

    agent.locator("#answer").blur()
    agent.click(".me summary")
    agent.get_by_role("button", name="退出登录").click()
    agent.wait_for_url("**/staff/sign-in")
    assert agent.evaluate("Object.keys(localStorage).filter(key => key.startsWith('anwen-staff'))") == []


def test_the_keyboard_is_enough(browsers: Browsers) -> None:
    browsers.desk.ask_for_person("老板拖欠工资怎么办")
    browsers.desk.ask_for_person("房东不退押金怎么办")
    agent = browsers.staff("agent")
    agent.locator(".line").nth(1).wait_for()
    agent.keyboard.press("j")
    agent.keyboard.press("j")
    agent.keyboard.press("k")
    agent.keyboard.press("Enter")
    agent.wait_for_url("**/staff/tickets/*")
    ready(agent)
    agent.keyboard.press("c")
    agent.get_by_text("已受理，由您办理。").wait_for()
    agent.keyboard.press("n")
    assert agent.evaluate("document.activeElement.id") == "note"
    agent.keyboard.press("Escape")
    agent.keyboard.press("r")
    assert agent.evaluate("document.activeElement.id") == "answer"
    agent.keyboard.press("Escape")
    agent.keyboard.press("?")
    agent.locator("#help[open]").wait_for()
    agent.keyboard.press("Escape")
    agent.keyboard.press("g")
    agent.wait_for_url("**/staff")


def test_news_between_two_keys_keep_the_chosen_ticket(browsers: Browsers) -> None:
    _, first = browsers.desk.ask_for_person("老板拖欠工资怎么办")
    browsers.desk.ask_for_person("房东不退押金怎么办")
    agent = browsers.staff("agent")
    line = agent.locator(f".line[data-number='{first}']")
    while not line.evaluate("line => line.classList.contains('at')"):
        agent.keyboard.press("j")

    browsers.desk.ask_for_person("处罚记录怎么修复")
    agent.locator(".line").nth(2).wait_for()

    assert agent.locator(".line.at").get_attribute("data-number") == first
    assert agent.evaluate("document.activeElement.getAttribute('href')") == f"/staff/tickets/{first}"
    agent.keyboard.press("Enter")
    agent.wait_for_url(f"**/staff/tickets/{first}")


def test_keys_go_on_from_where_a_closed_ticket_stood(browsers: Browsers) -> None:
    numbers = [browsers.desk.ask_for_person(text)[1] for text in ("工资", "押金", "处罚")]
    agent, lead = browsers.staff("agent"), browsers.desk.staff("lead")
    order = [line.get_attribute("data-number") for line in agent.locator(".line").all()]
    assert sorted(order) == sorted(numbers)
    agent.keyboard.press("j")
    agent.keyboard.press("j")

    closed = lead.post("/staff/bulk", data={"number": order[1], "do": "close", "reason": "spam"})
    assert closed.status_code == 303, closed.text
    agent.locator(f".line[data-number='{order[1]}']").wait_for(state="detached")
    assert agent.locator(".line.at").count() == 0
    agent.keyboard.press("j")

    assert agent.locator(".line.at").get_attribute("data-number") == order[2]


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_is_wider_than_the_screen(browsers: Browsers, width: int) -> None:
    _, number = browsers.desk.ask_for_person("老板拖欠工资怎么办" + "很长的一串" * 60)
    boss = browsers.staff("boss", viewport={"width": width, "height": 800})
    for path in (
        "",
        f"/tickets/{number}",
        "/search?q=拖欠",
        "/report",
        "/people",
        "/canned",
        "/audit",
        "/account",
    ):
        boss.goto(f"{browsers.desk.url}/staff{path}")

        assert boss.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_picture_goes_to_the_desk_and_a_form_comes_back(browsers: Browsers, tmp_path: Path) -> None:
    picture, form = tmp_path / "工资条.png", tmp_path / "申请书.pdf"
    picture.write_bytes(PNG)
    form.write_bytes(PDF)
    citizen = browsers.citizen()
    ask(citizen, "转人工")
    citizen.get_by_text("已登记").first.wait_for()
    agent = browsers.staff("lead")
    agent.locator(".line-link").first.click()
    ready(agent)

    citizen.set_input_files("#file", picture)
    citizen.locator(".post.citizen .file").get_by_text("工资条.png").wait_for()
    link = agent.locator(".msg.citizen .msg-file a")
    link.wait_for()
    with agent.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("document.images[0].naturalWidth") == 1
    opened.value.close()

    agent.set_input_files("#file", form)
    button = citizen.locator(".post.staff .file")
    button.wait_for()
    agent.locator(".msg.staff .delivery.sent").wait_for()
    with citizen.expect_download() as saved:
        button.click()
    assert saved.value.suggested_filename == "申请书.pdf"
    assert Path(saved.value.path()).read_bytes() == PDF


def test_a_file_that_is_refused_says_why_on_both_pages(browsers: Browsers, tmp_path: Path) -> None:
    script = tmp_path / "照片.png"
    script.write_bytes(b"<svg onload=alert(1)>")
    citizen = browsers.citizen()
    ask(citizen, "转人工")
    citizen.get_by_text("已登记").first.wait_for()
    agent = browsers.staff("lead")
    agent.locator(".line-link").first.click()
    ready(agent)
    browsers.expected = ("415", "422")

    citizen.set_input_files("#file", script)
    citizen.get_by_text("只能发图片（JPG、PNG、WebP）和 PDF").wait_for()
    citizen.get_by_text("没有发出去").wait_for()
    agent.set_input_files("#file", script)
    agent.get_by_text("只能发图片（JPG、PNG、WebP）和 PDF").wait_for()


def test_two_bad_ratings_bring_a_person(browsers: Browsers) -> None:
    citizen = browsers.citizen()
    for number, text in enumerate(("老板拖欠工资怎么办", "房东不退押金怎么办")):
        ask(citizen, text)
        citizen.get_by_role("button", name="没用").nth(number).click()
        citizen.locator(".thanks:not(:empty)").nth(number).wait_for()

    citizen.get_by_text("已登记").wait_for()
    assert browsers.desk.newest().reason == "two answers did not help"


def test_a_clock_that_ran_out_stands_on_the_supervisors_page_at_once(browsers: Browsers) -> None:
    desk = browsers.desk
    desk.say(desk.citizen(), "我刚刚被骗转了三万块钱")
    lead, agent = browsers.staff("lead"), browsers.staff("fraud")
    lead.goto(f"{desk.url}/staff/account")  # wherever they are
    desk.clock.ahead += timedelta(minutes=3)
    upkeep = Upkeep(
        database=desk.database,
        desk=desk.console.desk,
        wording=desk.engine.wording,
        close_resolved_after=timedelta(days=3),
        keep=keeping(desk.config.privacy),
        clock=desk.clock,
    )

    upkeep.check_clocks()
    lead.wait_for_selector("#alerts a >> text=1 条提醒待知悉")
    lead.click("#alerts a")
    assert "受理超时" in lead.inner_text("#news")
    lead.click("#news >> text='知悉'")
    lead.wait_for_selector("text=没有待知悉的提醒")
    assert lead.locator("#alerts a").count() == 0
    agent.locator(".due.over").wait_for()
    assert agent.locator("#alerts a").count() == 0
    assert agent.locator(".due.over").count() == 1


def test_a_ticket_number_is_not_torn_apart_at_the_end_of_a_line(browsers: Browsers) -> None:
    page = browsers.citizen()
    page.fill("#text", "转人工")
    page.press("#text", "Enter")
    numbers = page.locator(".whole")
    numbers.first.wait_for()

    for width in range(280, 480, 8):
        page.set_viewport_size({"width": width, "height": 800})
        assert numbers.evaluate_all("all => all.map(each => each.getClientRects().length)") == [1, 1]
    assert page.locator(".post.bot").last.inner_text().count(browsers.desk.newest().number) == 2


def test_a_password_somebody_else_set_is_changed_before_anything_else(browsers: Browsers) -> None:
    desk, given, own = browsers.desk, "管理员先替你想的口令-1", "只有本人知道的一句话-2"
    reset = f"/staff/people/{desk.people['agent'].id}/password"
    assert desk.staff("boss").post(reset, data={"password": given}).status_code == 303
    page = browsers.page()
    page.goto(f"{desk.url}/staff")
    page.fill("[name=username]", "agent")
    page.fill("[name=password]", given)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/staff/account")
    assert page.locator("nav.nav a").count() == 0

    page.fill("[name=old]", given)
    page.fill("[name=new]", own)
    page.fill("[name=again]", own)
    page.press("[name=again]", "Enter")
    page.wait_for_url("**/staff")
    assert page.locator("nav.nav a").count() == 3
