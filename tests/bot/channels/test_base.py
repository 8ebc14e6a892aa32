import pytest

from bot.channels.base import cleaned, printable


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("老板拖欠工资", "老板拖欠工资"),
        ("一\r\n二\r三\n四\t五", "一\n二\n三\n四\t五"),
        ("a\x1b[31mb\x00\x07", "a[31mb"),
        ("\x9b31mred", "31mred"),  # the one-character form of the same escape
        ("half \ud83d pair", "half  pair"),
        ("😀 whole pair", "😀 whole pair"),
    ],
)
def test_only_what_people_can_read_is_kept(written: str, read: str):
    assert cleaned(written) == read


def test_nothing_on_a_terminal_reorders_text():
    assert printable("pay \u202egro.knab\u202c now") == "pay gro.knab now"
