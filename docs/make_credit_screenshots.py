"""Pictures of a credit record being repaired, for docs/forms.md: the business's phone and the ticket at the desk.

    python docs/make_credit_screenshots.py docs/images

Walks the same way as tests/browser/test_credit_walk.py.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.make_screenshots import CHROMIUM, FLAGS
from tests.bot.console.world import open_desk_site
from tests.browser.test_console import Browsers, ready
from tests.browser.test_credit_walk import walk


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    folder = parser.parse_args().folder
    with (
        tempfile.TemporaryDirectory() as data,
        open_desk_site(Path(data)) as desk,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        browsers = Browsers(desk, browser)
        page = browsers.citizen()
        walk(page)
        page.locator(".post.bot", has_text="现在就可以申请信用修复").last.scroll_into_view_if_needed()
        page.screenshot(path=folder / "credit-date-phone.png")
        page.get_by_role("button", name="信用修复申请书").last.scroll_into_view_if_needed()
        page.screenshot(path=folder / "credit-papers-phone.png")
        agent = browsers.staff("lead", viewport={"width": 1280, "height": 800})
        agent.locator(".line-link").first.click()
        ready(agent)
        agent.screenshot(path=folder / "credit-ticket-desktop.png")
        browser.close()


if __name__ == "__main__":
    main()
