"""Files between a citizen and the desk."""

from urllib.parse import quote

from bot.channels.telegram.kept import ELSEWHERE
from bot.conversation import transcript
from bot.tickets.model import TicketStatus
from tests.bot.console.world import Desk
from tests.security.test_files import PDF, PNG, sent, upload


def test_a_file_is_a_message_that_staff_see_and_the_bot_is_silent_about(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    answer = upload(citizen, PNG, "工资条 13812345678.png").json()
    agent = desk.staff("agent")

    assert answer["replies"] == []
    page = agent.get(f"/staff/tickets/{number}").text
    assert "工资条 138****5678.png</a>" in page
    assert "工资条 13812345678" not in page
    assert f"/staff/tickets/{number}/attachments/{answer['message']['files'][0]['id']}" in page
    assert "工资条" in agent.get("/staff/search?q=工资条").text


def test_the_bot_says_that_it_cannot_read_files_and_offers_a_person(desk: Desk) -> None:
    citizen = desk.citizen()
    answer = upload(citizen, PDF, "传票.pdf").json()

    [reply] = answer["replies"]
    assert "看不懂" in reply["text"]
    assert [choice["value"] for choice in reply["choices"]] == ["human"]
    [said, _] = desk.history(citizen)
    assert [file["name"] for file in said["files"]] == ["传票.pdf"]


def test_staff_send_a_file_back_and_the_citizen_opens_it(desk: Desk) -> None:
    citizen, number = desk.ask_for_person("老板拖欠工资怎么办")
    agent = desk.staff("agent")
    url = f"/staff/tickets/{number}/files?seen=99&client_id=abcdefgh"
    headers = {"Content-Type": "application/octet-stream", "X-Anwen-Script": "1"}
    for _ in range(2):  # the page did not hear the first time
        answer = agent.post(url, content=PDF, headers={**headers, "X-Anwen-Name": quote("申请书.pdf")})
        assert answer.status_code == 200, answer.text

    [post] = [post for post in desk.history(citizen) if post["author"] == "staff"]
    [file] = post["files"]
    assert (file["name"], file["size_bytes"]) == ("申请书.pdf", len(PDF))
    assert citizen.get(f"/chat/files/{file['id']}").content == PDF
    ticket = desk.ticket(number)
    assert (ticket.status, ticket.assignee_id) == (TicketStatus.CLAIMED, desk.people["agent"].id)


def test_a_file_that_is_refused_is_explained_in_the_words_of_the_console(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    answer = desk.staff("agent").post(
        f"/staff/tickets/{number}/files?seen=99&client_id=abcdefgh",
        content=b"<html>",
        headers={"Content-Type": "application/octet-stream", "X-Anwen-Script": "1"},
    )

    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "只能发图片（JPG、PNG、WebP）和 PDF。"


def test_a_file_sent_before_the_person_was_asked_for_is_in_the_ticket(desk: Desk) -> None:
    citizen = desk.citizen()
    file = sent(citizen, PNG)
    desk.say(citizen, "转人工")

    assert file["id"] in desk.staff("lead").get(f"/staff/tickets/{desk.newest().number}").text


def test_a_ticket_is_called_by_what_was_asked_not_by_a_file(desk: Desk) -> None:
    citizen = desk.citizen()
    desk.say(citizen, "房东不退押金怎么办")
    sent(citizen, PNG)
    desk.say(citizen, "转人工")

    assert desk.newest().subject == "房东不退押金怎么办"
    page = desk.staff("lead").get(f"/staff/tickets/{desk.newest().number}").text
    assert 'data-insert="先发书面催告。"' in page


def test_a_file_that_only_telegram_has_is_named_masked_with_where_it_lies(desk: Desk) -> None:
    _, number = desk.ask_for_person("老板拖欠工资怎么办")
    with desk.database.transaction() as tx:
        said = transcript.all_of(tx, desk.ticket(number).conversation_id)[0]
        place = {"id": "AgACAgQ", "name": "录音 13812345678.ogg"}
        transcript.remember(tx, said.id, {**said.payload, ELSEWHERE: place})

    page = desk.staff("agent").get(f"/staff/tickets/{number}").text
    assert "录音 138****5678.ogg" in page
    assert "到 Telegram 话题里查看" in page
    assert "AgACAgQ" not in page
