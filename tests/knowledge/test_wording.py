import pytest

from knowledge.wording import is_english, promises, unknown_numbers

KNOWN = {"110", "120", "96110", "12348", "12345"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("拨打 96110 或 12348。", ()),
        ("打12348/12345问", ()),
        ("打 12349 举报", ("12349",)),
        ("０５７３－８２７１２３４５", ("0573-82712345",)),
        ("0573 82712345", ("0573 82712345",)),
        ("客服 400-800-1234", ("400-800-1234",)),
        ("加微信13812345678", ("13812345678",)),
        ("call 10086 now", ("10086",)),
        ("拨打88886666", ("88886666",)),
        ("电话：999", ("999",)),
        ("罚款 100 元以上 120元以下", ()),
        ("第110条和第一百二十条", ()),
        ("国务院令第804号", ()),
        ("2026-11-23 起 180 日内", ()),
        ("不超过 150%，最多 12000 元", ()),
        ("within 180 days, at most 12000 yuan", ()),
        ("www.12348.gov.cn", ()),
        ("打 119 两次 119", ("119",)),
    ],
)
def test_telephone_numbers_that_nobody_verified_are_found(text, found):
    assert unknown_numbers(text, KNOWN) == found


@pytest.mark.parametrize(
    "text",
    [
        "报警后一定能追回。",
        "这个官司必胜。",
        "请放心转账。",
        "我们包过！",
        "会被判三年。",
        "You are guaranteed to win.",
        "This app is completely safe.",
    ],
)
def test_promises_are_found(text):
    assert len(promises(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "谁也不能保证追回。",
        "说“包过”的都是骗子。",
        "不要相信一定能追回的话。",
        "先打 96110。没有人能保证胜诉；要看证据。",
        "对方声称包过，请报警。",
        "No one can guarantee that you win.",
        "包括通过邮寄方式提交。",
        "能不能追回要看冻结了多少。",
    ],
)
def test_warnings_of_promises_are_no_promises(text):
    assert promises(text) == ()


def test_english_may_name_chinese_things():
    assert is_english("Open the 国家反诈中心 app and check")
    assert not is_english("打开 App")
