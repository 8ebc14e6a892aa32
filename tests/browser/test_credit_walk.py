"""A business repairs its credit record from its phone: from the first words to papers it can sign and a live ticket."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import docx
import pytest

from tests.browser.test_console import Browsers, ask, browsers, desk, pytestmark, ready  # noqa: F401

playwright = pytest.importorskip("playwright.sync_api")
MOST_TAPS = 12  # a message that is sent counts as one
FIRST_WORDS = (
    "我们公司想做信用修复，嘉兴某某科技有限公司 91110000600037341L，2026年6月10日被秀洲区生态环境局罚款2万元，"
    "都缴清了，电话13812345678"
)
PAPERS = ("信用修复申请书", "信用承诺书", "材料清单")


@dataclass
class Business:
    """Somebody with a phone who counts their taps."""

    page: "playwright.Page"
    taps: int = 0

    def send(self, text: str, *, then: str) -> None:
        """Write a message; `then` is asked or said next."""
        self.taps += 1
        ask(self.page, text)
        self.sees(then)

    def tap(self, label: str, *, then: str) -> None:
        """Press the newest button of that name."""
        self.taps += 1
        self.page.get_by_role("button", name=label).last.click()
        self.sees(then)

    def sees(self, text: str) -> None:
        """The newest bubble of the bot has `text`."""
        self.page.locator(".post.bot .bubble", has_text=text).last.wait_for()

    def download(self, title: str) -> bytes:
        """Press a paper; what is saved."""
        self.taps += 1
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name=title).last.click()
        assert saved.value.suggested_filename == f"{title}.docx"
        return Path(saved.value.path()).read_bytes()


def walk(page: "playwright.Page") -> Business:
    """From the first words to the ticket."""
    business = Business(page)
    business.send(FIRST_WORDS, then="处罚属于哪一级")
    business.tap("一般", then="哪天全部履行完的")
    business.send("7月1日", then="接下来要我做什么")
    business.send("1 3", then="决定书的文号")
    business.tap("跳过", then="材料手里有哪些")
    business.send("1 3", then="请核对")
    business.tap("没问题，提交", then="已登记")
    return business


def test_from_the_first_words_to_papers_and_a_ticket(browsers: Browsers) -> None:  # noqa: F811
    business = walk(browsers.citizen())
    page = business.page
    assert "2026年6月10日 ＋ 3 个月 ＝ 2026年9月10日" in page.locator("#posts").inner_text()

    papers = {title: business.download(title) for title in PAPERS}

    assert business.taps <= MOST_TAPS
    for title, content in papers.items():
        text = words(content)
        assert "嘉兴某某科技有限公司" in text, title
        assert "{{" not in text, title

    ticket = browsers.desk.newest()
    assert (ticket.queue.value, ticket.is_live) == ("credit", True)
    agent = browsers.staff("lead")
    agent.locator(".line-link").first.click()
    ready(agent)
    seen = agent.locator("main").inner_text()
    assert agent.locator("h1").inner_text().startswith("信用修复一键办，嘉兴某某科技有限公司")
    assert "****" not in agent.locator("h1").inner_text()
    assert "提交了办事表" in seen
    for told in (
        "生态环境处罚",
        "2026年6月10日",
        "秀洲区生态环境局",
        "嘉兴某某科技有限公司",
        "处罚（列入）决定书",
    ):
        assert told in seen


def words(content: bytes) -> str:
    """All the text of a document."""
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
