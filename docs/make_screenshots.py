"""Screenshots of the chat page of a running anwen, for the documentation and for looking at it after a change.

    python docs/make_screenshots.py http://127.0.0.1:8080 docs/images

Drives Chromium through what a person would do; each state is one picture a screen size.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
QUESTION = "老板拖欠工资怎么办？"
URGENT = "我刚刚被骗转了三万块钱"
ENGLISH = "My landlord will not return the deposit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A size people have."""

    name: str
    width: int
    height: int
    touch: bool = False


PHONE = Screen(name="phone", width=390, height=844, touch=True)
SMALL = Screen(name="small", width=320, height=640, touch=True)
DESKTOP = Screen(name="desktop", width=1280, height=800)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: what is done before it is taken."""

    name: str
    act: Callable[[Page], None]
    screens: tuple[Screen, ...] = (PHONE, DESKTOP)
    scheme: Literal["light", "dark"] = "light"


def ask(page: Page, text: str) -> None:
    """Ask and wait for the answer."""
    answers = page.locator(".post.bot[data-seq]").count()
    page.fill("#text", text)
    page.press("#text", "Enter")
    page.locator(".post.bot[data-seq]").nth(answers).wait_for()
    page.wait_for_timeout(200)


def welcome(_: Page) -> None:
    """The page as it opens."""


def answer(page: Page) -> None:
    """A question with its answer."""
    ask(page, QUESTION)


def answer_end(page: Page) -> None:
    """The sources and buttons below an answer."""
    ask(page, QUESTION)
    page.locator("#main").evaluate("main => main.scrollTop = main.scrollHeight")


def emergency(page: Page) -> None:
    """Somebody is losing money."""
    ask(page, URGENT)


def choices(page: Page) -> None:
    """Buttons to choose from."""
    ask(page, "有人冒充公安打电话给我")
    page.locator("#main").evaluate("main => main.scrollTop = main.scrollHeight")


def rated(page: Page) -> None:
    """An answer that did not help."""
    ask(page, QUESTION)
    page.locator(".action").nth(1).click()
    page.locator(".thanks .choice").wait_for()
    page.locator("#main").evaluate("main => main.scrollTop = main.scrollHeight")


def english(page: Page) -> None:
    """Everything in English."""
    page.click("#language")
    page.wait_for_timeout(400)
    ask(page, ENGLISH)


def english_welcome(page: Page) -> None:
    """The English page as it opens."""
    page.goto(page.url + "?lang=en")
    page.wait_for_timeout(300)


def large(page: Page) -> None:
    """Large text."""
    page.click("#larger")
    ask(page, QUESTION)


def large_welcome(page: Page) -> None:
    """Large text, as the page opens."""
    page.click("#larger")


def check(page: Page) -> None:
    """About to paste something suspicious."""
    page.click("#check")


def clear(page: Page) -> None:
    """The question before a chat is cleared."""
    ask(page, QUESTION)
    page.click("#clear")


def offline(page: Page) -> None:
    """Without network, with two messages waiting."""
    ask(page, QUESTION)
    page.context.set_offline(True)
    for text in ("仲裁要多久？", "要带什么材料"):
        page.fill("#text", text)
        page.press("#text", "Enter")
    page.wait_for_timeout(500)
    page.locator("#main").evaluate("main => main.scrollTop = main.scrollHeight")


def handover(page: Page) -> None:
    """A person is asked for."""
    page.click("#person")
    page.wait_for_timeout(500)


SHOTS = (
    Shot(name="welcome", act=welcome, screens=(PHONE, SMALL, DESKTOP)),
    Shot(name="answer", act=answer, screens=(PHONE, SMALL, DESKTOP)),
    Shot(name="answer-end", act=answer_end),
    Shot(name="emergency", act=emergency, screens=(PHONE, SMALL, DESKTOP)),
    Shot(name="choices", act=choices),
    Shot(name="rated", act=rated),
    Shot(name="handover", act=handover),
    Shot(name="english", act=english),
    Shot(name="english-welcome", act=english_welcome, screens=(PHONE, SMALL, DESKTOP)),
    Shot(name="large", act=large),
    Shot(name="large-welcome", act=large_welcome, screens=(PHONE, SMALL)),
    Shot(name="check", act=check),
    Shot(name="clear", act=clear),
    Shot(name="offline", act=offline),
    Shot(name="dark", act=answer, scheme="dark"),
    Shot(name="dark-welcome", act=welcome, scheme="dark"),
    Shot(name="dark-emergency", act=emergency, screens=(PHONE,), scheme="dark"),
)


def take(browser: Browser, url: str, shot: Shot, screen: Screen, folder: Path) -> Path:
    """Take one picture in a browser that knows nothing yet."""
    context = browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        color_scheme=shot.scheme,
        has_touch=screen.touch,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{url}/chat")
    page.locator("#log[aria-live=polite]").wait_for(state="attached")
    shot.act(page)
    file = folder / f"{shot.name}-{screen.name}.png"
    page.screenshot(path=file)
    context.close()
    return file


def main() -> None:
    """Take all pictures, or those whose name was given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="where anwen runs, for example http://127.0.0.1:8080")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", nargs="*", default=[], help="names of pictures")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for shot in SHOTS:
            if arguments.only and shot.name not in arguments.only:
                continue
            for screen in shot.screens:
                file = take(browser, arguments.url.rstrip("/"), shot, screen, arguments.folder)
                sys.stdout.write(f"{file}\n")
        browser.close()


if __name__ == "__main__":
    main()
