"""The launcher on another site's page: another origin, and cross-site (localhost is not 127.0.0.1)."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.bot.world import Site, open_site
from tests.browser.conftest import UNLIMITED
from tests.browser.test_chat_page import staff_says, stored

pytestmark = pytest.mark.browser

PARENT_POLICY = (
    "default-src 'self'; script-src 'self' {anwen}; frame-src {anwen}; style-src 'self'; img-src 'self'"
)


class OtherSite(http.server.BaseHTTPRequestHandler):
    """A page with a strict policy of its own, that loads the launcher."""

    anwen = ""

    def do_GET(self) -> None:
        page = (
            "<!doctype html><html lang=zh-CN><title>区政府</title><h1>区政府</h1>"
            f'<a href="#">链接</a><script src="{self.anwen}/widget.js" defer></script>'
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", PARENT_POLICY.replace("{anwen}", self.anwen))
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Embedding:
    """Our site, and the address of the site that embeds it."""

    site: Site
    parent: str


@pytest.fixture(scope="module")
def embedding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedding]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OtherSite)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    parent = f"http://localhost:{server.server_port}"
    with open_site(
        tmp_path_factory.mktemp("embedded"), web={**UNLIMITED, "embed_origins": (parent,)}
    ) as site:
        OtherSite.anwen = site.url
        yield Embedding(site=site, parent=parent)
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(embedding: Embedding, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: (
            problems.append(message.text)
            if message.type == "error" and "favicon" not in str(message.location)
            else None
        ),
    )
    page.goto(embedding.parent)
    yield page
    context.close()
    assert problems == []


def launcher(page: Page):
    return page.get_by_role("button", name="在线咨询")


def panel(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def ask(page: Page, text: str) -> None:
    panel(page).locator("#log[aria-live=polite]").wait_for(state="attached")
    panel(page).locator("#text").fill(text)
    panel(page).locator("#text").press("Enter")


def test_people_ask_inside_another_sites_page(page: Page, embedding: Embedding):
    expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    launcher(page).click()
    expect(launcher(page)).to_have_attribute("aria-expanded", "true")
    ask(page, "老板拖欠工资怎么办？")
    expect(panel(page).locator(".post.bot[data-seq]")).to_contain_text("先打 12333")
    ask(page, "那要多少钱？")
    expect(panel(page).locator(".post.bot[data-seq]")).to_have_count(2)  # the first answer says 不收费 too
    expect(panel(page).locator(".post.bot[data-seq]").last).to_contain_text("不收费")

    assert stored(embedding.site) == ["老板拖欠工资怎么办？", "那要多少钱？"]
    assert page.context.cookies(embedding.site.url) == []


def test_nothing_is_loaded_before_the_launcher_is_pressed(page: Page):
    expect(launcher(page)).to_be_visible()

    assert page.locator("iframe").count() == 0


def test_the_focus_goes_to_the_field_and_comes_back(page: Page):
    launcher(page).focus()
    page.keyboard.press("Enter")
    expect(panel(page).locator("#text")).to_be_focused()
    page.keyboard.press("Escape")

    expect(launcher(page)).to_have_attribute("aria-expanded", "false")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.tagName") == "BUTTON"
    page.keyboard.press("Enter")
    expect(panel(page).locator("#text")).to_be_focused()


def test_the_panel_can_be_closed_from_inside(page: Page):
    launcher(page).click()
    expect(panel(page).locator("#text")).to_be_focused()
    panel(page).locator("#minimize").click()

    expect(page.locator("iframe")).to_be_hidden()


def test_the_conversation_goes_on_after_closing_and_unread_words_are_counted(
    page: Page, embedding: Embedding
):
    launcher(page).click()
    ask(page, "谢谢")
    expect(panel(page).locator(".post.bot[data-seq]")).to_have_count(1)
    panel(page).locator("#minimize").click()
    staff_says(embedding.site, "您好，我是值班员")
    expect(page.locator(".unread")).to_have_text("1")
    expect(launcher(page)).to_have_attribute("aria-label", "打开在线咨询 (1 条新消息)")
    launcher(page).click()

    expect(page.locator(".unread")).to_be_hidden()
    expect(panel(page).locator(".post.staff")).to_contain_text("我是值班员")


def test_messages_of_others_are_ignored(page: Page):
    launcher(page).click()
    expect(panel(page).locator("#text")).to_be_focused()
    page.evaluate("window.postMessage({ anwen: 'close' }, '*')")
    page.evaluate("window.postMessage({ anwen: 'unread', count: 99 }, '*')")
    page.wait_for_timeout(300)

    expect(page.locator("iframe")).to_be_visible()
    expect(page.locator(".unread")).to_be_hidden()


def test_a_site_that_is_not_allowed_sees_nothing(embedding: Embedding, browser: Browser):
    page = browser.new_page()
    page.goto(embedding.parent.replace("localhost", "127.0.0.1"))  # another origin than the allowed one
    launcher(page).click()
    page.wait_for_timeout(500)
    frame = page.frames[-1]

    assert frame.locator("#text").count() == 0
    page.close()


def test_on_a_phone_the_panel_fills_the_screen(embedding: Embedding, browser: Browser):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(embedding.parent)
    launcher(page).click()

    assert page.locator("iframe").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    context.close()
