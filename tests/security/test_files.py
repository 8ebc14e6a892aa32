"""Files of strangers: taken by what they are, handed out as what they are, to nobody but staff and their owner."""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import func, select

from bot.channels.web.sending import AN_HOUR_FROM_ONE_ADDRESS, MOST_A_DAY
from bot.storage.desk_tables import attachment_contents, attachments
from tests.bot.console.world import Desk, open_desk_site

MB = 1024**2


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\0" * 40 + b"\xff\xd9"
WEBP = b"RIFF" + struct.pack("<I", 14) + b"WEBPVP8 \x02\0\0\0\0\0"
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
TAKEN = {"image/png": PNG, "image/jpeg": JPEG, "image/webp": WEBP, "application/pdf": PDF}
HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
ZIP = b"PK\x03\x04" + b"\0" * 60


@pytest.fixture
def small_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk that takes files of one MB."""
    with open_desk_site(tmp_path, web={"largest_file_mb": 1}) as desk:
        yield desk


def upload(
    citizen: httpx.Client, content: bytes, name: str = "照片.png", *, id: str | None = None, **headers: str
) -> httpx.Response:
    return citizen.post(
        "/chat/files",
        content=content,
        headers={
            "Content-Type": "application/octet-stream",
            "X-Anwen-Name": quote(name),
            "X-Anwen-Id": id or token_urlsafe(12),
            **headers,
        },
    )


def sent(citizen: httpx.Client, content: bytes, name: str = "照片.png") -> dict[str, Any]:
    """The file as the page gets it."""
    answer = upload(citizen, content, name)
    assert answer.status_code == 200, answer.text
    [file] = answer.json()["message"]["files"]
    found: dict[str, Any] = file
    return found


def stored(desk: Desk) -> tuple[int, int]:
    """Descriptions and contents."""
    with desk.database.reading() as tx:
        one, two = (
            tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (attachments, attachment_contents)
        )
    return one, two


@pytest.mark.parametrize("media_type", TAKEN)
def test_a_file_goes_to_its_owner_and_to_staff_as_what_it_is_and_can_run_nothing(
    desk: Desk, media_type: str
) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    file = sent(citizen, TAKEN[media_type], "evil.html")
    agent = desk.staff("agent")

    for answer in (
        citizen.get(f"/chat/files/{file['id']}"),
        agent.get(f"/staff/tickets/{number}/attachments/{file['id']}"),
    ):
        assert (answer.status_code, answer.content) == (200, TAKEN[media_type])
        assert answer.headers["content-type"] == media_type
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "allow-" not in answer.headers["content-security-policy"]
        way = "attachment" if media_type == "application/pdf" else "inline"
        assert answer.headers["content-disposition"].startswith(f"{way}; filename*=UTF-8''evil.html.")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (HTML, 415, "file_unknown"),
        (SVG, 415, "file_unknown"),
        (ZIP, 415, "file_unknown"),
        (b"MZ" + b"\0" * 60, 415, "file_unknown"),
        (b"GIF89a" + b"\0" * 60, 415, "file_unknown"),
        (b"\n" + PDF, 415, "file_unknown"),
        (HTML + PNG, 415, "file_unknown"),
        (b"", 422, "file_empty"),
        (PNG[:-4], 422, "file_broken"),
        (PDF[:20], 422, "file_broken"),
        # two files in one: what hangs on behind is what the attacker wants to be run
        (PNG + ZIP, 422, "file_broken"),
        (PNG + HTML, 422, "file_broken"),
        (WEBP + SVG, 422, "file_broken"),
        (PDF + HTML * 100, 422, "file_broken"),
    ],
)
def test_what_is_no_whole_picture_and_no_pdf_is_refused_whatever_it_is_called(
    desk: Desk, content: bytes, status: int, code: str
) -> None:
    citizen, _ = desk.ask_for_person("老板拖欠工资怎么办")

    for name in ("照片.png", "合同.pdf", "a.jpg"):
        answer = upload(citizen, content, name)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert any("一" <= letter <= "鿿" for letter in answer.json()["error"]["message"])
    assert stored(desk) == (0, 0)


def test_a_picture_with_a_script_in_it_is_still_only_a_picture(desk: Desk) -> None:
    """A JPEG may carry anything behind its end; it is handed out as a picture in a sandbox."""
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    file = sent(citizen, JPEG + HTML, "a.svg")

    answer = desk.staff("agent").get(f"/staff/tickets/{number}/attachments/{file['id']}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert file["name"] == "a.svg.jpg"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd.png"),
        ("C:\\Windows\\system32\\a.png", "a.png"),
        ("a\x00.php\x00.png", "a.php.png"),
        ("fdp\u202egnp.exe", "fdpgnp.exe.png"),
        ('"><img src=x onerror=alert(1)>.png', "img src=x onerror=alert(1).png"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie x=1.png"),
        ("……" * 200 + ".png", "……" * 38 + ".png"),
        ("...", "file.png"),
        ("", "file.png"),
        ("欠条.JPG", "欠条.JPG.png"),
    ],
)
def test_a_name_is_words_never_a_path_a_header_or_markup(desk: Desk, name: str, shown: str) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    file = sent(citizen, PNG, name)

    assert file["name"] == shown
    answer = citizen.get(f"/chat/files/{file['id']}")
    assert answer.headers["content-disposition"] == f"inline; filename*=UTF-8''{quote(shown, safe='')}"
    assert "set-cookie" not in answer.headers
    page = desk.staff("agent").get(f"/staff/tickets/{number}").text
    assert "<img src=x" not in page
    assert file["id"] in page


def test_nobody_else_can_reach_a_file(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    other, others_number = desk.ask_for_person("老板拖欠工资怎么办")
    id = sent(citizen, PDF)["id"]

    assert other.get(f"/chat/files/{id}").status_code == 404
    assert desk.browser().get(f"/chat/files/{id}").status_code == 404
    for path in (f"/staff/tickets/{number}/attachments/{id}", f"/chat/static/x/{id}", f"/{id}"):
        assert other.get(path).status_code in (303, 404)
    agent = desk.staff("agent")
    assert agent.get(f"/staff/tickets/{others_number}/attachments/{id}").status_code == 404
    assert desk.staff("fraud").get(f"/staff/tickets/{number}/attachments/{id}").status_code == 404
    assert agent.get(f"/chat/files/{id}").status_code == 404


def test_a_cleared_chat_gives_its_files_to_nobody(desk: Desk) -> None:
    citizen = desk.citizen()
    id = sent(citizen, PDF)["id"]
    citizen.post("/chat/clear")

    assert citizen.get(f"/chat/files/{id}").status_code == 404


def test_deleted_data_are_deleted_with_their_files(desk: Desk) -> None:
    citizen = desk.citizen()
    sent(citizen, PDF, "我的身份证.pdf")
    assert stored(desk) == (1, 1)
    desk.say(citizen, "删除我的数据")
    desk.say(citizen, "确定删除")

    assert stored(desk) == (0, 0)
    assert "身份证" not in str(desk.history(citizen))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "text/plain"},
        {"X-Anwen-Id": "../x"},
        {"X-Anwen-Id": ""},
    ],
)
def test_no_form_of_another_site_can_send_a_file(desk: Desk, headers: dict[str, str]) -> None:
    answer = upload(desk.citizen(), PDF, **headers)

    assert answer.status_code in (403, 415, 422)
    assert stored(desk) == (0, 0)


def test_what_is_too_large_is_refused_before_it_is_kept(small_desk: Desk) -> None:
    citizen, number = small_desk.ask_for_person("老板拖欠工资怎么办")
    just = PDF[:9] + b"x" * (MB - len(PDF)) + PDF[9:]
    assert len(just) == MB
    agent = small_desk.staff("agent")

    assert upload(citizen, just + b"\n").status_code == 413
    assert "1 MB" in upload(citizen, just + b"\n").json()["error"]["message"]
    assert upload(citizen, just).status_code == 200
    answer = agent.post(
        f"/staff/tickets/{number}/files?seen=99&client_id=abcdefgh",
        content=just + b"\n",
        headers={"Content-Type": "application/octet-stream", "X-Anwen-Script": "1"},
    )
    assert answer.status_code == 413
    assert stored(small_desk) == (1, 1)


def test_one_chat_cannot_send_without_end(desk: Desk) -> None:
    citizen = desk.citizen()
    for _ in range(MOST_A_DAY):
        sent(citizen, PNG)

    answer = upload(citizen, PNG)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "file_too_many")
    assert stored(desk) == (MOST_A_DAY, MOST_A_DAY)


def test_one_address_cannot_send_without_end_from_ever_new_chats(desk: Desk) -> None:
    statuses = [upload(desk.citizen(), PNG).status_code for _ in range(AN_HOUR_FROM_ONE_ADDRESS + 3)]

    assert statuses[:AN_HOUR_FROM_ONE_ADDRESS] == [200] * AN_HOUR_FROM_ONE_ADDRESS
    assert 429 in statuses[AN_HOUR_FROM_ONE_ADDRESS:]


def test_a_file_sent_again_is_one_file(desk: Desk) -> None:
    citizen = desk.citizen()
    first, again = (upload(citizen, PDF, id="the-same-one").json() for _ in range(2))

    assert first == again
    assert stored(desk) == (1, 1)


def test_a_full_disk_takes_no_more_files_of_strangers(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.web.sending._LEAST_FREE_BYTES", 2**62)

    answer = upload(desk.citizen(), PDF)
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "file_full")
    assert stored(desk) == (0, 0)


def test_where_files_are_switched_off_there_is_no_door_for_them(tmp_path: Path) -> None:
    with open_desk_site(tmp_path, web={"largest_file_mb": 0}) as desk:
        citizen, number = desk.ask_for_person("老板拖欠工资怎么办")

        assert upload(citizen, PDF).status_code == 404
        assert 'id="attach"' not in citizen.get("/chat").text
        assert "data-attach" not in desk.staff("agent").get(f"/staff/tickets/{number}").text


@pytest.mark.parametrize(("who", "status"), [("audit", 403), ("fraud", 404), ("", 401)])
def test_a_file_to_a_citizen_comes_only_from_who_works_on_the_ticket(
    desk: Desk, who: str, status: int
) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    browser = desk.staff(who) if who else desk.browser()

    answer = browser.post(
        f"/staff/tickets/{number}/files?seen=99&client_id=abcdefgh",
        content=PDF,
        headers={"Content-Type": "application/octet-stream", "X-Anwen-Script": "1"},
    )
    assert answer.status_code == status
    assert [post["author"] for post in desk.history(citizen)][-1] == "bot"


def test_random_bytes_never_break_the_door(desk: Desk) -> None:
    citizen = desk.citizen()
    starts = (b"", b"\xff\xd8\xff", PNG[:16], b"RIFF\0\0\0\0WEBP", b"%PDF-1.4")
    statuses = {upload(citizen, start + os.urandom(300)).status_code for start in starts for _ in range(6)}

    assert statuses <= {200, 415, 422, 429}
