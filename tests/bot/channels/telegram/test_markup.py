"""Replies as Telegram shows them: nothing lost, no tag cut, no message too long."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.buttons import Data, packed, unpacked
from bot.channels.telegram.markup import LONGEST_TEXT, parts, units
from bot.conversation.model import Citation, Reply
from tests.bot.channels.telegram.fake.methods import shown

WORDS = st.text(alphabet="问答。\n <>&😀a1，【】", min_size=1, max_size=9_000)
SOURCE = Citation(title="民法典", article="第七百零三条", url=None, reviewed_on=date(2026, 11, 20))


@settings(max_examples=60, deadline=None)
@given(WORDS, st.booleans(), st.sampled_from([200, 1024, LONGEST_TEXT]))
def test_any_text_arrives_whole_in_messages_telegram_takes(text: str, cited: bool, longest: int):
    reply = Reply(text=text, sources=(SOURCE,) if cited else ())

    read = [shown(part, "HTML", most=longest, empty_is_fine=True) for part in parts(reply, longest=longest)]

    told = "".join(read).replace("\n", "").replace(" ", "")
    expected = text.replace("\n", "").replace(" ", "")
    if cited:
        expected += "—民法典第七百零三条（2026-11-20）"
    assert told == (expected or "…")


def test_a_long_text_is_cut_where_people_pause():
    sentence = "请保存好合同和工资条。"
    pieces = parts(Reply(text=sentence * 600))

    assert len(pieces) == 2
    assert all(piece.endswith("。") for piece in pieces)
    assert units(pieces[0]) <= LONGEST_TEXT


def test_markup_of_people_is_shown_and_never_read():
    assert parts(Reply(text="<b>1</b> & 2")) == ("&lt;b&gt;1&lt;/b&gt; &amp; 2",)


@given(
    st.sampled_from(["c", "claim", "close"]), st.integers(0, 2**62), st.sampled_from(["", "3", "no_reply"])
)
def test_every_button_fits_into_64_bytes_and_comes_back(action: str, id: int, argument: str):
    data = Data(action=action, id=id, argument=argument)

    assert len(packed(data).encode()) <= 64
    assert unpacked(packed(data)) == data


def test_data_of_others_is_none_of_ours():
    assert [unpacked(text) for text in ("", "v1:c", "v2:c:1", "v1:c:1:<b>", "x" * 64)] == [None] * 5
