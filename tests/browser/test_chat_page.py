import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import select

from bot.channels.web.app import create_web
from bot.channels.web.live import Ended
from bot.conversation import sessions, transcript
from bot.conversation.model import Author, Conversation, Delivery
from bot.storage.tables import conversations, feedback, messages
from tests.bot.world import Site, open_site, right_now, serving
from tests.browser.conftest import Chat, watch

pytestmark = pytest.mark.browser

QUESTION = "老板拖欠工资怎么办？"
URGENT = "我刚刚被骗转了三万块钱"


def stored(site: Site, author: str = "citizen") -> list[str]:
    """What `author` said in the newest chat, as stored."""
    with site.database.reading() as tx:
        newest = select(conversations.c.id).order_by(conversations.c.id.desc()).limit(1).scalar_subquery()
        rows = select(messages.c.text).where(
            messages.c.conversation_id == newest, messages.c.author == author
        )
        return list(tx.execute(rows.order_by(messages.c.seq)).scalars())


def newest(site: Site) -> Conversation:
    with site.database.reading() as tx:
        id = tx.execute(select(conversations.c.id).order_by(conversations.c.id.desc()).limit(1)).scalar_one()
        found = sessions.by_id(tx, id)
    assert found is not None
    return found


def staff_says(site: Site, text: str) -> None:
    """Staff answer the newest chat; its open pages are woken."""
    chat = newest(site)
    with site.database.transaction() as tx:
        transcript.post(
            tx,
            chat.id,
            Author.STAFF,
            text,
            {"choices": [], "sources": []},
            status=Delivery.SENT,
            now=right_now(),
        )
    site.web.state.hub.wake(chat.address.user)


# --- asking ---------------------------------------------------------------------------------------------


def test_a_question_is_answered_with_steps_numbers_to_call_and_sources(chat: Chat):
    chat.ask(QUESTION)
    answer = chat.page.locator(".post.bot[data-seq]")

    assert chat.texts() == [QUESTION]
    expect(answer.locator("ol > li")).to_have_text(
        ["收好证据：合同、考勤。", "到劳动监察投诉，写清欠 120 元还是更多。"]
    )
    assert [link.get_attribute("href") for link in answer.locator("a").all()] == [
        "tel:12333"
    ]  # 120 元 is money
    expect(answer.locator(".part b")).to_have_text(["时间", "费用"])
    expect(answer.locator(".sources li")).to_have_text(["《劳动法》第五十条", "《劳动合同法》第三十条"])
    expect(answer.locator(".sources-head")).to_contain_text("2026年11月20日 审核")
    expect(chat.page.locator(".citizen .state time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    expect(chat.page.locator(".day")).to_have_text("今天")
    expect(chat.page.locator("#welcome")).to_be_hidden()


def test_an_emergency_brings_a_button_to_call(chat: Chat):
    chat.ask(URGENT)

    expect(chat.page.locator(".urgent .call").first).to_have_attribute("href", "tel:110")
    expect(chat.page.locator(".urgent .call").first).to_be_in_viewport()


def test_a_quick_topic_asks_its_question(chat: Chat):
    chat.page.locator(".topic", has_text="押金").click()
    expect(chat.page.locator(".post.bot[data-seq]")).to_contain_text("先发书面催告")

    assert chat.texts() == ["房东不退押金怎么办？"]


def test_a_person_can_be_asked_for_at_any_time(chat: Chat, site: Site):
    chat.page.click("#person")
    expect(chat.page.locator(".post.bot[data-seq]")).to_contain_text("12348")

    assert stored(site) == ["转人工"]


def test_checking_something_suspicious_starts_with_pasting_it(chat: Chat):
    chat.page.click("#check")

    expect(chat.page.locator("#check-hint")).to_be_visible()
    assert chat.focused() == "text"
    chat.ask("【银行】您的账户异常，请点击 http://x.example 核实")
    expect(chat.page.locator("#check-hint")).to_be_hidden()


def test_a_long_conversation_is_there_again_after_a_reload(chat: Chat):
    for _ in range(3):
        chat.ask(QUESTION)
    shown = chat.page.locator("#posts").inner_text()
    chat.page.reload()
    chat.ready()

    assert chat.page.locator("#posts").inner_text() == shown
    expect(chat.page.locator("#posts > li").last.locator(".actions")).to_be_in_viewport()


# --- the keyboard ---------------------------------------------------------------------------------------


def test_shift_enter_breaks_the_line_and_the_field_grows(chat: Chat):
    before = chat.page.locator("#text").bounding_box()
    chat.page.fill("#text", "一")
    chat.page.press("#text", "Shift+Enter")
    chat.page.keyboard.type("二")
    after = chat.page.locator("#text").bounding_box()

    assert chat.page.input_value("#text") == "一\n二"
    assert before
    assert after
    assert after["height"] > before["height"] + 15
    assert chat.texts() == []


def test_enter_while_an_input_method_composes_sends_nothing(chat: Chat, site: Site):
    keyboard = chat.page.context.new_cdp_session(chat.page)
    chat.page.focus("#text")
    keyboard.send("Input.imeSetComposition", {"text": "gong'zi", "selectionStart": 7, "selectionEnd": 7})
    field = chat.page.locator("#text")
    assert field.input_value() == "gong'zi"
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    field.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})  # Safari: composing just ended
    keyboard.send("Input.insertText", {"text": "工资"})

    assert field.input_value() == "工资"
    assert chat.texts() == []
    chat.page.keyboard.press("Enter")
    chat.page.locator(".post.bot[data-seq]").wait_for()
    assert stored(site) == ["工资"]


def test_nothing_is_sent_for_nothing(chat: Chat):
    chat.write("   ")
    chat.page.click("#send", force=True)

    assert chat.texts() == []
    assert chat.focused() == "text"


def test_the_counter_appears_near_the_end_and_stops_what_is_too_long(chat: Chat):
    counter = chat.page.locator("#counter")
    expect(counter).to_be_hidden()
    chat.page.fill("#text", "字" * 1_900)
    expect(counter).to_have_text("还能写 100 字")
    chat.write("😀" * 2_010)  # counted as people count

    expect(counter).to_have_text("超出 10 字，请删短一些再发")
    assert chat.texts() == []
    assert len(chat.page.input_value("#text")) >= 2_010  # nothing of it was cut off


def test_everything_can_be_reached_with_the_tab_key(chat: Chat):
    chat.ask("可能是工资")
    chat.page.reload()
    chat.ready()
    reached = []
    for _ in range(25):
        chat.page.keyboard.press("Tab")
        reached.append(
            chat.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        )

    assert reached[0] == "跳到输入框"
    for wanted in ("language", "larger", "clear", QUESTION, "check", "person", "text", "send"):
        assert wanted in reached, reached


# --- choices --------------------------------------------------------------------------------------------


def test_a_choice_is_pressed_with_a_click(chat: Chat, site: Site):
    chat.ask("可能是工资")
    choice = chat.page.locator(".choice", has_text=QUESTION)
    box = choice.bounding_box()
    choice.click()
    expect(chat.page.locator(".post.bot[data-seq]").last).to_contain_text("先打 12333")

    assert box
    assert box["height"] >= 44
    assert stored(site) == ["可能是工资", QUESTION]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_choice_is_pressed_with_the_keyboard(key: str, chat: Chat):
    chat.ask("可能是工资")
    chat.page.locator(".choice", has_text=QUESTION).focus()
    chat.page.keyboard.press(key)

    expect(chat.page.locator(".post.bot[data-seq]").last).to_contain_text("先打 12333")


def test_a_choice_of_an_older_answer_reads_as_words_after_a_reload(chat: Chat):
    chat.ask("可能是工资")
    chat.ask("谢谢")
    chat.page.locator(".choice", has_text=QUESTION).click()
    expect(chat.page.locator(".post.bot[data-seq]").last).to_contain_text("先打 12333")
    chat.page.reload()
    chat.ready()

    assert chat.texts() == ["可能是工资", "谢谢", QUESTION]


# --- rating, copying, printing ---------------------------------------------------------------------------


def test_a_thumb_up_is_stored_and_thanked(chat: Chat, site: Site):
    chat.ask(QUESTION)
    thumb = chat.page.get_by_role("button", name="有用")
    thumb.click()

    expect(thumb).to_have_attribute("aria-pressed", "true")
    expect(chat.page.locator(".thanks")).to_contain_text("谢谢，记下了。")
    with site.database.reading() as tx:
        rows = select(feedback.c.rating).join(messages, messages.c.id == feedback.c.message_id)
        mine = rows.where(messages.c.conversation_id == newest(site).id)
        assert tx.execute(mine).scalars().all() == [1]


def test_a_thumb_down_leads_to_a_person(chat: Chat):
    chat.ask(QUESTION)
    chat.page.get_by_role("button", name="没用").click()
    chat.page.locator(".thanks .choice", has_text="转人工").click()

    expect(chat.page.locator(".post.bot[data-seq]").last).to_contain_text("12348")
    assert chat.texts() == [QUESTION, "转人工"]


def test_an_answer_is_copied_with_its_sources(chat: Chat):
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chat.ask(QUESTION)
    chat.page.get_by_role("button", name="复制").click()
    expect(chat.page.locator("#toast")).to_have_text("已复制")
    copied = chat.page.evaluate("navigator.clipboard.readText()")

    assert copied.startswith("先打 12333 投诉。")
    assert "《劳动法》第五十条" in copied


def test_one_answer_is_printed_without_the_rest(chat: Chat):
    chat.ask(QUESTION)
    chat.ask("房东不退押金怎么办？")
    chat.page.evaluate("window.print = () => { window.printed = document.documentElement.className; }")
    chat.page.get_by_role("button", name="打印").last.click()
    assert chat.page.evaluate("window.printed") == "one-answer"

    chat.page.evaluate("document.documentElement.classList.add('one-answer')")
    chat.page.locator(".post.bot[data-seq]").last.evaluate("item => item.classList.add('printed')")
    chat.page.emulate_media(media="print")
    expect(chat.page.locator(".post.bot[data-seq]").first).to_be_hidden()
    expect(chat.page.locator(".post.bot[data-seq]").last).to_be_visible()
    expect(chat.page.locator("#composer")).to_be_hidden()


# --- a network that comes and goes ------------------------------------------------------------------------


def test_what_is_written_without_network_is_sent_once_and_in_order_when_it_is_back(
    chat: Chat, site: Site, context: BrowserContext
):
    chat.ask("谢谢")
    context.set_offline(True)
    for text in ("一", "二", "三"):
        chat.write(text)
    expect(chat.page.locator("#banner")).to_contain_text("网络断开了")
    expect(chat.page.locator(".citizen.waiting")).to_have_count(3)
    expect(chat.page.locator(".citizen.waiting .state").first).to_have_text("等网络恢复后自动发送")
    context.set_offline(False)

    expect(chat.page.locator(".post.bot[data-seq]")).to_have_count(4, timeout=15_000)
    expect(chat.page.locator("#banner")).to_be_hidden()
    assert stored(site) == ["谢谢", "一", "二", "三"]
    assert chat.texts() == ["谢谢", "一", "二", "三"]


def test_what_waits_survives_closing_the_page(chat: Chat, site: Site, context: BrowserContext):
    chat.ask("谢谢")
    context.set_offline(True)
    chat.write("等一下再发")
    expect(chat.page.locator(".citizen.waiting")).to_have_count(1)
    chat.page.close()
    context.set_offline(False)
    again = watch(context.new_page(), site.url).open()

    expect(again.page.locator(".post.bot[data-seq]")).to_have_count(2)
    assert stored(site) == again.texts() == ["谢谢", "等一下再发"]
    assert again.problems == []


def test_a_message_whose_answer_got_lost_is_not_doubled(chat: Chat, site: Site):
    lost = []

    def lose_the_answer(route: Route) -> None:
        if lost:
            route.fallback()
            return
        lost.append(route.fetch())  # the server has it
        route.abort("connectionreset")

    chat.page.route("**/chat/messages", lose_the_answer)
    chat.ask(QUESTION)
    expect(chat.page.locator(".citizen .state time")).to_be_visible(timeout=10_000)

    assert len(lost) == 1
    assert stored(site) == chat.texts() == [QUESTION]
    expect(chat.page.locator(".post.bot[data-seq]")).to_have_count(1)


def test_a_message_the_server_refuses_can_be_sent_again_and_does_not_block_the_next(chat: Chat, site: Site):
    chat.page.route("**/chat/messages", refuse_first := RefuseFirst())
    chat.write("一")
    chat.ask("二")
    expect(chat.page.locator(".citizen.failed .state")).to_contain_text("没有发出去")
    expect(chat.page.locator(".citizen.failed [role=alert]")).to_have_count(1)
    chat.page.get_by_role("button", name="重新发送").click()

    expect(chat.page.locator(".citizen.failed")).to_have_count(0)
    expect(chat.page.locator(".post.bot[data-seq]")).to_have_count(2)
    assert refuse_first.refused == 1
    assert stored(site) == ["二", "一"]


class RefuseFirst:
    """Answers the first request with a refusal."""

    def __init__(self) -> None:
        self.refused = 0

    def __call__(self, route: Route) -> None:
        if self.refused:
            route.fallback()
            return
        self.refused += 1
        route.fulfill(status=422, json={"error": {"code": "invalid_request", "message": "text: …"}})


def test_a_stream_that_ends_is_opened_again_and_misses_nothing(chat: Chat, site: Site):
    chat.ask("谢谢")
    for number in range(5):
        site.web.state.hub.end(newest(site).address.user, Ended.RENEW)
        staff_says(site, f"您好，第 {number} 次")

    expect(chat.page.locator(".post.staff .bubble")).to_have_text(
        [f"您好，第 {number} 次" for number in range(5)], timeout=15_000
    )
    expect(chat.page.locator(".post.staff .byline b").first).to_have_text("工作人员")


def test_two_tabs_show_the_same_conversation(chat: Chat, site: Site, context: BrowserContext):
    chat.ask("谢谢")
    other = watch(context.new_page(), site.url).open()
    chat.ask("一")
    expect(other.page.locator(".post.citizen .bubble")).to_have_text(["谢谢", "一"])
    other.ask("二")

    expect(chat.page.locator(".post.citizen .bubble")).to_have_text(["谢谢", "一", "二"])
    expect(chat.page.locator(".post.bot[data-seq]")).to_have_count(3)
    assert chat.page.locator("#posts").inner_text() == other.page.locator("#posts").inner_text()
    assert other.problems == []


def test_a_restarted_server_is_found_again(context: BrowserContext, tmp_path: Path):
    with open_site(tmp_path) as site:
        chat = watch(context.new_page(), site.url).open()
        chat.ask("一")
        site.stop()
        chat.write("二")
        expect(chat.page.locator("#banner")).to_contain_text(
            re.compile("暂时连不上安问|网络断开了")  # the second on a machine without any network
        )
        expect(chat.page.locator(".citizen.waiting")).to_have_count(1)
        port = int(site.url.rpartition(":")[2])
        web = create_web(site.config, engine=site.engine, database=site.database, ready=lambda: None)
        with serving(web, port=port):
            expect(chat.page.locator(".post.bot[data-seq]")).to_have_count(2, timeout=20_000)
            expect(chat.page.locator("#banner")).to_be_hidden()
            assert stored(site) == chat.texts() == ["一", "二"]
            chat.page.close()
    assert [problem for problem in chat.problems if "ERR_" not in problem] == []


def test_a_flood_is_told_to_wait_and_then_sent(context: BrowserContext, tmp_path: Path):
    with open_site(tmp_path, web={"messages_per_minute": 20}) as site:  # a burst of 6, then one in 3 s
        chat = watch(context.new_page(), site.url).open()
        for number in range(8):
            chat.write(f"第 {number} 条")
        expect(chat.page.locator(".post.notice")).to_contain_text("消息太快了")
        expect(chat.page.locator(".post.notice")).to_have_count(1)

        expect(chat.page.locator(".post.citizen[data-seq]")).to_have_count(8, timeout=30_000)
        assert stored(site) == chat.texts() == [f"第 {number} 条" for number in range(8)]
        expect(chat.page.locator(".post.notice")).to_have_count(0)


def test_a_machine_without_any_network_is_not_told_that_it_has_none(context: BrowserContext, site: Site):
    """An office machine cut off from the world serves itself: the server answers, and that decides."""
    context.add_init_script("Object.defineProperty(navigator, 'onLine', { get: () => false });")
    chat = watch(context.new_page(), site.url).open()

    chat.ask(QUESTION)

    expect(chat.page.locator("#banner")).to_be_hidden()
    chat.page.evaluate("window.dispatchEvent(new Event('offline'))")
    expect(chat.page.locator("#banner")).to_be_hidden()
    assert chat.problems == []


def test_somebody_waiting_sees_that_something_happens(chat: Chat, site: Site):
    site.search.delay_s = 1.5
    try:
        chat.write(QUESTION)
        expect(chat.page.locator("#typing")).to_be_visible()
        expect(chat.page.locator(".post.bot[data-seq]")).to_have_count(1)
    finally:
        site.search.delay_s = 0.0
    expect(chat.page.locator("#typing")).to_be_hidden()


# --- clear, large text, language --------------------------------------------------------------------------


def test_clearing_asks_first_and_then_leaves_nothing_on_the_device(
    chat: Chat, site: Site, context: BrowserContext
):
    chat.ask(QUESTION)
    other = watch(context.new_page(), site.url).open()
    chat.page.click("#clear")
    chat.page.click("#clear-no")
    assert chat.texts() == [QUESTION]
    chat.page.click("#clear")
    chat.page.click("#clear-yes")

    expect(chat.page.locator("#posts > li")).to_have_count(0)
    expect(chat.page.locator("#welcome")).to_be_visible()
    expect(other.page.locator("#posts > li")).to_have_count(0)
    assert chat.page.evaluate("Object.keys(localStorage)") == []
    chat.page.reload()
    chat.ready()
    assert chat.texts() == []
    chat.ask("谢谢")
    assert stored(site) == ["谢谢"]


def test_clearing_without_network_says_so(chat: Chat, context: BrowserContext):
    chat.ask(QUESTION)
    context.set_offline(True)
    chat.page.click("#clear")
    chat.page.click("#clear-yes")

    expect(chat.page.locator("#clear-error")).to_be_visible()
    assert chat.texts() == [QUESTION]


def test_large_text_is_larger_and_stays(chat: Chat):
    size = "Number.parseFloat(getComputedStyle(document.getElementById('greeting')).fontSize)"
    before = chat.page.evaluate(size)
    chat.page.click("#larger")
    chat.page.reload()
    chat.ready()

    assert chat.page.evaluate(size) == before * 1.25
    expect(chat.page.locator("#larger")).to_have_attribute("aria-pressed", "true")


def test_english_changes_the_page_and_the_bot(chat: Chat):
    chat.ask(QUESTION)
    chat.page.click("#language")
    expect(chat.page.locator(".post.bot[data-seq]").last).to_contain_text("I will answer in English")

    assert chat.page.evaluate("document.documentElement.lang") == "en"
    expect(chat.page.locator("#send")).to_have_text("Send")
    expect(chat.page.locator("#log")).to_have_attribute("aria-label", "Conversation")
    expect(chat.page.get_by_role("button", name="Helpful", exact=True)).to_be_visible()
    chat.ask("工资")
    expect(chat.page.locator(".post.bot[data-seq]").last).to_contain_text("Ask 12333")
    chat.page.reload()
    chat.ready()
    expect(chat.page.locator("#send")).to_have_text("Send")
    chat.page.click("#language")
    expect(chat.page.locator(".post.bot[data-seq]").last).to_contain_text("之后用中文回答您")


# --- hostile text -----------------------------------------------------------------------------------------

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "</li></ol><iframe src=https://evil.example>",
    "{{7*7}} ${7*7} &lt;b&gt;",
    'tel:110" onclick="alert(1)',
    "\u202e三万\u202c 工资",
]


def test_hostile_text_is_text(chat: Chat, site: Site):
    for text in HOSTILE:
        chat.ask(text)
    staff_says(site, "\n".join(HOSTILE))
    expect(chat.page.locator(".post.staff")).to_have_count(1)
    chat.page.reload()
    chat.ready()

    assert chat.texts() == HOSTILE
    assert chat.page.locator("#posts").locator("script, iframe, img:not(.avatar)").count() == 0
    assert [link.get_attribute("href") for link in chat.page.locator(".staff a").all()] == ["tel:110"]


def test_a_source_with_a_script_address_is_no_link(chat: Chat, site: Site):
    chat.ask("谢谢")
    conversation = newest(site)
    source = {"title": "x", "article": None, "url": "javascript:alert(1)", "reviewed_on": "2026-11-20"}
    with site.database.transaction() as tx:
        transcript.post(
            tx,
            conversation.id,
            Author.BOT,
            "看这里",
            {"choices": [], "sources": [source], "turn": None},
            status=Delivery.INLINE,
            now=right_now(),
        )
    site.web.state.hub.wake(conversation.address.user)

    expect(chat.page.locator(".sources li")).to_have_text(["《x》"])
    assert chat.page.locator(".sources a").count() == 0


# --- everybody --------------------------------------------------------------------------------------------


def test_old_words_are_not_read_out_and_new_ones_are(chat: Chat):
    log = chat.page.locator("#log")

    expect(log).to_have_attribute("role", "log")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(log).to_have_attribute("aria-relevant", "additions")
    expect(log).to_have_attribute("aria-label", "对话记录")
    chat.page.route("**/chat/history*", lambda route: None)  # never answered
    chat.page.reload(wait_until="domcontentloaded")
    expect(log).to_have_attribute("aria-live", "off")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("size", ["normal", "large"])
def test_nothing_is_wider_than_the_screen(width: int, language: str, size: str, chat: Chat):
    chat.page.set_viewport_size({"width": width, "height": 640})
    chat.open(f"/chat?lang={language}")
    if size == "large":
        chat.page.click("#larger")
    assert_fits(chat.page)
    chat.ask(URGENT)
    chat.ask("可能是工资")
    chat.ask(QUESTION)
    chat.ask("x" * 300)
    assert_fits(chat.page)


def assert_fits(page: Page) -> None:
    wide = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((each) => each.checkVisibility() && !each.closest(".hidden, .sprite, .skip"))
            .filter((each) => getComputedStyle(each).clipPath === "none")
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
            .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everything_that_is_pressed_is_large_enough(chat: Chat):
    chat.ask("可能是工资")
    chat.ask(QUESTION)
    small = chat.page.evaluate(
        """() => [...document.querySelectorAll("button, .phone, .call, textarea")]
            .filter((each) => each.checkVisibility())
            .map((each) => [each.id || each.textContent, each.getBoundingClientRect()])
            .filter(([, box]) => box.width < 43.5 || box.height < 43.5)
            .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
    )

    assert small == []


def test_with_a_keyboard_open_the_numbers_and_the_field_stay_in_sight(chat: Chat):
    chat.ask(QUESTION)
    chat.page.set_viewport_size({"width": 390, "height": 430})
    chat.page.focus("#text")

    for shown in (".phone-police", "#text", "#send"):
        expect(chat.page.locator(shown)).to_be_in_viewport(ratio=1)
    box = chat.page.locator("#main").bounding_box()
    assert box
    assert box["height"] > 180


def test_a_long_answer_is_read_from_its_beginning(chat: Chat):
    chat.page.set_viewport_size({"width": 390, "height": 600})
    chat.ask("谢谢")
    chat.ask(URGENT)

    expect(chat.page.locator(".citizen .bubble").last).to_be_in_viewport(ratio=1)


def test_without_script_the_numbers_are_there(site: Site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/chat")

    expect(page.locator(".phone")).to_have_count(3)
    expect(page.locator("noscript p")).to_be_visible()
    context.close()


def test_without_cookies_and_storage_people_are_answered_too(site: Site, context: BrowserContext):
    page = context.new_page()
    page.add_init_script(
        "Object.defineProperty(navigator, 'cookieEnabled', { value: false });"
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('forbidden'); } });"
    )
    context.route("**/chat/**", without_cookies)
    chat = watch(page, site.url).open()
    chat.ask(QUESTION)
    chat.ask("那要多少钱？")

    expect(page.locator(".post.bot[data-seq]").last).to_contain_text("不收费")
    assert chat.problems == []


def without_cookies(route: Route) -> None:
    headers = {name: value for name, value in route.request.headers.items() if name != "cookie"}
    route.continue_(headers=headers)
