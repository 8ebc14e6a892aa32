import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from bot.channels.web.page import HERE
from tests.bot.world import ENTRIES, Site, open_site

LANGUAGES = ("zh", "en")
STATIC = HERE / "static"
TEMPLATE = (HERE / "templates" / "chat.html").read_text("utf-8")
SCRIPTS = {path.name: path.read_text("utf-8") for path in STATIC.glob("*.js")}
PARENT = "https://www.example.gov.cn"


def words(language: str) -> dict[str, str]:
    return json.loads((HERE / "strings" / f"{language}.json").read_text("utf-8"))


class Elements(HTMLParser):
    """Every element of a page, with its attributes, and the text of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.found if found == tag]


@pytest.fixture
def browser(site: Site) -> httpx.Client:
    return site.program()


@pytest.fixture
def page(browser: httpx.Client) -> httpx.Response:
    return browser.get("/chat")


def test_the_front_door_leads_to_the_chat(browser: httpx.Client):
    answer = browser.get("/")

    assert (answer.status_code, answer.headers["location"]) == (307, "/chat")


def test_the_page_names_the_place_and_the_service(page: httpx.Response):
    assert "<h1" in page.text
    assert "嘉兴市秀洲区" in page.text
    assert '<html lang="zh-CN"' in page.text


@pytest.mark.parametrize("number", ["110", "96110", "12348"])
def test_emergency_numbers_need_no_script(number: str, page: httpx.Response):
    assert f'href="tel:{number}"' in page.text


def test_the_quick_topics_are_those_of_the_menu(page: httpx.Response):
    topics = re.findall(r'class="topic" data-value="([^"]+)">([^<]+)<', page.text)

    entries = [(f"entry:{entry.id}", entry.question) for entry in ENTRIES.values()]
    assert topics == [*entries, ("check", "查一查（可疑消息）")]


def test_the_policy_allows_our_own_files_only(page: httpx.Response):
    policy = dict(
        part.split(" ", 1) for part in page.headers["content-security-policy"].split("; ") if " " in part
    )

    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "http" not in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "geolocation=()" in page.headers["permissions-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_nothing_on_the_page_is_inline_or_from_elsewhere(page: httpx.Response):
    elements = Elements(page.text)

    assert elements.of("style") == []
    assert [script for script in elements.of("script") if "src" not in script] == [
        {"type": "application/json", "id": "page"}
    ]
    for tag, attributes in elements.found:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href"):
            assert not (attributes.get(name) or "").startswith(("http", "//")), attributes


def test_every_file_of_the_page_is_kept_forever_under_a_name_that_changes(
    browser: httpx.Client, page: httpx.Response
):
    elements = Elements(page.text)
    files = {link["href"] for link in elements.of("link")} | {img["src"] for img in elements.of("img")}

    assert len(files) >= 12
    for file in files:
        answer = browser.get(str(file))
        assert answer.status_code == 200, file
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"


def test_a_file_asked_for_by_an_older_page_is_served_but_not_kept(browser: httpx.Client):
    answer = browser.get("/chat/static/000000000000/chat.js")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


def test_browsers_without_gzip_get_the_same_bytes(browser: httpx.Client):
    plain = browser.get("/chat/static/x/base.css", headers={"Accept-Encoding": "identity"})

    assert "content-encoding" not in plain.headers
    assert plain.content == (STATIC / "base.css").read_bytes()


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fpage.py", "%2e%2e%2f%2e%2e%2fapp.py", "chat.html"])
def test_only_files_of_the_page_are_served(name: str, browser: httpx.Client):
    assert browser.get(f"/chat/static/x/{name}").status_code == 404


def test_the_page_is_small():
    sent = sum(len(gzip.compress(path.read_bytes())) for path in STATIC.iterdir())

    assert sent < 40_000


@pytest.mark.parametrize("how", ["address", "cookie"])
def test_the_page_speaks_english_when_asked(how: str, site: Site):
    browser = site.program()
    if how == "cookie":
        browser.cookies.set("anwen_language", "en")
    page = browser.get("/chat", params={"lang": "en"} if how == "address" else {})

    assert '<html lang="en"' in page.text
    assert "Xiuzhou District, Jiaxing" in page.text
    assert "What if my boss does not pay wages?" in page.text


def test_an_unknown_language_is_chinese(browser: httpx.Client):
    assert '<html lang="zh-CN"' in browser.get("/chat", params={"lang": "xx"}).text


def test_names_from_the_configuration_are_text(tmp_path: Path):
    evil = "</script><img src=x onerror=alert(1)>"
    with open_site(tmp_path, district={"name": evil, "service": evil}) as site:
        page = site.program().get("/chat").text

    assert evil not in page
    assert "<img src=x" not in page


# --- words ----------------------------------------------------------------------------------------------


def test_both_languages_have_the_same_words():
    assert words("zh").keys() == words("en").keys()


def test_every_word_the_page_asks_for_exists_and_every_word_is_used():
    asked = set(re.findall(r'data-t(?:-label|-placeholder)?="(\w+)"', TEMPLATE))
    asked |= set(re.findall(r"words\['(\w+)'\]", TEMPLATE)) | set(re.findall(r'phone\("(\w+)"', TEMPLATE))
    source = "\n".join(SCRIPTS.values())
    known = set(words("zh"))
    quoted = set(re.findall(r'"(\w+)"', source))

    assert asked <= known
    assert set(re.findall(r'\bsay\("(\w+)"', source)) <= known
    assert known <= asked | quoted


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_promises_safety(language: str):
    assert not [text for text in words(language).values() if re.search(r"安全|\bsafe", text, re.IGNORECASE)]


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_no_script_makes_html_from_text(name: str):
    banned = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\(\"on"
    )

    assert not re.search(banned, SCRIPTS[name])


# --- other sites ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/embed", "/widget.js"])
def test_without_allowed_sites_there_is_nothing_to_embed(path: str, browser: httpx.Client):
    assert browser.get(path).status_code == 404


def test_only_the_allowed_sites_may_frame_the_page(tmp_path: Path):
    with open_site(tmp_path, web={"embed_origins": (PARENT,)}) as site:
        embedded, full = site.program().get("/embed"), site.program().get("/chat")

    assert f"frame-ancestors {PARENT};" in embedded.headers["content-security-policy"]
    assert "x-frame-options" not in embedded.headers
    assert "set-cookie" not in embedded.headers
    assert "frame-ancestors 'none'" in full.headers["content-security-policy"]


def test_the_launcher_is_a_script_other_sites_may_load(tmp_path: Path):
    with open_site(tmp_path, web={"embed_origins": (PARENT,)}) as site:
        launcher = site.program().get("/widget.js")

    assert launcher.headers["content-type"].startswith("text/javascript")
    assert launcher.headers["cross-origin-resource-policy"] == "cross-origin"
