"""Links are judged by their names alone."""

import pytest

from intents.fraud.links import LinkSign, find_links


@pytest.mark.parametrize(
    ("text", "domain", "sign"),
    [
        ("登录icbc-vip.example.top认证", "example.top", LinkSign.LOOK_ALIKE),
        ("www.95588.com.cn.verify-icbc.xyz", "verify-icbc.xyz", LinkSign.LOOK_ALIKE),
        ("https://user:pw@jd.com@evil.top/a", "evil.top", LinkSign.DISGUISED),
        ("点t.cn/abc", "t.cn", LinkSign.SHORTENED),
        ("http://1.2.3.4:8080/a", "1.2.3.4", LinkSign.RAW_ADDRESS),
        ("http://a.example/b.apk", "a.example", LinkSign.INSTALLER),
        ("аlipay.com", "xn--lipay-3ve.com", LinkSign.DISGUISED),
        ("登录wap.ccb.com查询", "ccb.com", LinkSign.OFFICIAL),
        ("https://zwfw.zj.gov.cn/x", "zj.gov.cn", LinkSign.OFFICIAL),
        ("go.gov-cn.top/x", "gov-cn.top", LinkSign.LOOK_ALIKE),
        ("https://abc.github.io/x", "abc.github.io", LinkSign.UNKNOWN),
    ],
)
def test_a_name_gives_itself_away(text: str, domain: str, sign: LinkSign):
    (link,) = find_links(text)

    assert link.domain == domain
    assert sign in link.signs


@pytest.mark.parametrize(
    "text", ["3.5万", "今天.明天", "a.b", "me@qq.com", "下午2.30开会", "浙江.中国", "..."]
)
def test_what_is_no_link_is_none(text: str):
    assert find_links(text) == ()


def test_chinese_before_and_after_is_no_part_of_a_link():
    text = "请点击abc.com领取"
    (link,) = find_links(text)

    assert text[link.start : link.end] == "abc.com"
