"""What goes on with a ticket that was just closed, and what is a new matter: told from the words alone."""

import pytest

from intents.follow_ups import goes_on, speaks_to_desk

TO_THE_DESK = """
那我的申请呢 | 我的申请怎么样了 | 我的材料收到了吗 | 我的事情办得怎么样了 | 我的事还没解决 | 问题还没解决
刚才那位同志说的地址在哪里 | 上次那个工作人员说让我带合同 |
你们工作人员说今天给我打电话，到现在没打 | 昨天的同志帮我登记的
没人联系我 | 到现在没人给我打电话 | 怎么就办结了 | 为什么给我关了 | 按工作人员说的去了没用 | 我的工单怎么关了
what about my application? | nobody called me | the officer told me to come today | my problem is not solved
"""
GOES_ON = """
还是不行 | 还是不行啊 | 不行 | 没用 | 还没解决 | 但是还是没有收到 | 我去了，他们不收材料 | 我去了一趟，人家不给办
按你们说的做了还是不行 | 他们说不归他们管 | 窗口说要原件 | 我打了电话没人接 | 那怎么办 | 那接下来呢 | 要等多久
我还有个问题 | 补充一下 | 收到了吗 | 材料发过去了 |
我不同意 | 什么意思 | still not working | it didn't work | what now
"""
NEW_MATTERS = """
老板拖欠工资怎么办 | 房东不退押金怎么办 | 他不还钱怎么办 | 对方不还钱 | 他们不给我发工资怎么办 | 我的工资没发怎么办
公司的同志说我不能请假 | 物业的人不给我开门 | 法院的工作人员说材料不齐 | 我申请劳动仲裁要多久 | 我的房子漏水怎么办
刚才有个客服打电话让我转账 | 刚才那个客服说我的快递丢了 | 银行的工作人员让我转账 | 有个公安局的同志说我涉案
他说不给我转账就抓我 | 昨天那个人又打电话来了 | 我收到了传票 | 没有合同怎么办 | 那离婚呢 | 打了人怎么办
my boss did not pay me | what about my deposit | how do i apply for a credit repair | someone called me
"""


def wordings(table: str) -> list[str]:
    return [said for line in table.splitlines() for wording in line.split("|") if (said := wording.strip())]


@pytest.mark.parametrize("text", wordings(TO_THE_DESK))
def test_who_names_the_people_or_the_ticket_speaks_to_the_desk(text: str):
    assert speaks_to_desk(text)


@pytest.mark.parametrize("text", wordings(GOES_ON))
def test_what_says_nothing_by_itself_goes_on(text: str):
    assert goes_on(text)


@pytest.mark.parametrize("text", wordings(NEW_MATTERS))
def test_a_new_matter_does_neither(text: str):
    assert not speaks_to_desk(text)
    assert not goes_on(text)


def test_a_long_text_brings_its_own_matter():
    assert not speaks_to_desk("我的申请呢" + "我在工厂上班三年了，老板一直不给我交社保" * 5)
