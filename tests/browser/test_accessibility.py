"""axe-core over every state of the page. It needs the package axe-playwright-python, which carries the script."""

from importlib import resources

import pytest

from tests.bot.world import Site
from tests.browser.conftest import Chat
from tests.browser.test_chat_page import QUESTION, URGENT, staff_says

pytestmark = pytest.mark.browser
axe_package = pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(chat: Chat) -> list[str]:
    """What axe finds, one line each."""
    script = (resources.files(axe_package) / "axe.min.js").read_text("utf-8")
    chat.page.evaluate(script)
    found = chat.page.evaluate("rules => axe.run({ runOnly: rules })", RULES)
    return [
        f"{found['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for found in found["violations"]
        for node in found["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_clean_as_it_opens(language: str, scheme: str, chat: Chat):
    chat.page.emulate_media(color_scheme=scheme)
    chat.open(f"/chat?lang={language}")

    assert violations(chat) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_clean_in_the_middle_of_things(scheme: str, chat: Chat, site: Site):
    chat.page.emulate_media(color_scheme=scheme)
    for text in (QUESTION, "可能是工资", URGENT, "有人冒充公安打电话给我"):
        chat.ask(text)
    staff_says(site, "您好，我是值班员，请说。")
    chat.page.locator(".post.staff").wait_for()
    chat.page.get_by_role("button", name="没用").first.click()
    chat.page.locator(".thanks .choice").first.wait_for()
    chat.page.click("#check")
    chat.page.fill("#text", "字" * 1_950)
    chat.page.context.set_offline(True)
    chat.write("没有网络")
    chat.page.locator("#banner").wait_for()

    assert violations(chat) == []


def test_the_dialog_is_clean(chat: Chat):
    chat.page.click("#clear")

    assert violations(chat) == []
