"""A real Chromium in front of a real server."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.bot.world import Site, open_site

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
UNLIMITED = {"messages_per_minute": 100_000, "sessions_per_hour": 100_000}


@dataclass
class Chat:
    """One tab with the chat page, and everything in it that should not be."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    def open(self, path: str = "/chat") -> "Chat":
        """Open the page and wait until it is ready."""
        self.page.goto(self.url + path)
        self.ready()
        return self

    def ready(self) -> None:
        """Wait until the page has loaded what was said before."""
        self.page.locator("#log[aria-live=polite]").wait_for(state="attached")

    def write(self, text: str) -> None:
        """Write and press Enter."""
        self.page.fill("#text", text)
        self.page.press("#text", "Enter")

    def ask(self, text: str) -> None:
        """Write, and wait until it is answered."""
        answers = self.page.locator(".post.bot[data-seq]").count()
        self.write(text)
        self.page.locator(".post.bot[data-seq]").nth(answers).wait_for()

    def texts(self, author: str = "citizen") -> list[str]:
        """What `author` said, as shown."""
        return self.page.locator(f"#posts .post.{author} .bubble").all_inner_texts()

    def focused(self) -> str:
        """The id of the element that has the focus."""
        return self.page.evaluate("document.activeElement.id")


def watch(page: Page, url: str) -> Chat:
    """A chat that notes scripts that fail, what the policy refuses, and requests to other hosts."""
    chat = Chat(page=page, url=url)

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            chat.problems.append(message.text)

    def request(request: Request) -> None:
        if not request.url.startswith((url, "data:", "blob:", "about:")):
            chat.problems.append(f"request to {request.url}")

    page.on("console", console)
    page.on("request", request)
    page.on("pageerror", lambda error: chat.problems.append(str(error)))
    page.on("dialog", lambda dialog: chat.problems.append(f"dialog {dialog.message}"))
    return chat


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The desk, one for all tests of a file."""
    with open_site(tmp_path_factory.mktemp("site"), web=UNLIMITED) as site:
        yield site


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that knows nothing yet, on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    yield context
    context.close()


@pytest.fixture
def chat(site: Site, context: BrowserContext) -> Iterator[Chat]:
    """The chat page, open; at the end nothing may have gone wrong in it."""
    chat = watch(context.new_page(), site.url).open()
    yield chat
    assert chat.problems == []
