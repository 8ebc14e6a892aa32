"""axe-core over the pages of the console. It needs the package axe-playwright-python, which carries the script."""

from importlib import resources

import pytest

from tests.browser.test_accessibility import RULES
from tests.browser.test_console import Browsers, browsers, desk, pytestmark  # noqa: F401

axe_package = pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")

PAGES = ("", "/search?q=拖欠", "/report", "/people", "/canned", "/audit", "/account", "/tickets/{}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_clean(browsers: Browsers, scheme: str, width: int) -> None:  # noqa: F811
    desk = browsers.desk  # noqa: F811
    _, number = desk.ask_for_person("老板拖欠工资怎么办", "房东不退押金怎么办")
    desk.say(desk.citizen(), "我刚刚被骗转了三万块钱")
    boss = browsers.staff("boss", viewport={"width": width, "height": 800}, color_scheme=scheme)
    script = (resources.files(axe_package) / "axe.min.js").read_text("utf-8")
    boss.goto(f"{desk.url}/staff/tickets/{number}")
    boss.click("#tab-note")
    boss.fill("#note", "给同事看的")
    boss.press("#note", "Control+Enter")
    boss.locator(".msg.note").wait_for()
    found = []
    for path in PAGES:
        boss.goto(f"{desk.url}/staff{path.format(number)}")
        boss.evaluate(script)
        violations = boss.evaluate("rules => axe.run({ runOnly: rules })", RULES)["violations"]
        found += [
            f"{path} {each['id']}: {node['html'][:120]} {node['failureSummary'][:160]}"
            for each in violations
            for node in each["nodes"]
        ]

    assert found == []
