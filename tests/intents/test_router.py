"""Wishes, choices by number, follow-ups and questions in one message: told from the words alone."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.router import Facet, Intent, Wish, language_of, route, split_questions

WANTS_A_PERSON = """
转人工 | 人工 | 人工服务 | 有没有活人 | 有人吗 | 找个人跟我说 | 客服电话多少 | 你们电话多少 | 怎么联系你们
有没有电话 | 我要投诉你们叫人来 | 我要投诉你们 | 我要和真人说话 | 我不想跟机器人聊
别给我发这些了，找个人来 | 机器人滚，叫人 | 能不能来个人啊 | 请帮我转接人工 | 帮我找工作人员
我要找你们领导 | 你们有没有值班的 | 有没有人管我 | 谁能帮帮我 | 来人啊 | 人呢 | 真人在吗 | 给我一个真人
让人来回答 | 叫你们工作人员来 | 请工作人员联系我 | 让工作人员给我打电话 | 给我回个电话 | 可以打电话给我吗
你们能不能打个电话过来 | 我不会打字能不能打电话 | 听不懂你说的，换个人 | 你答非所问，转人工 | 还是找人吧
我要人工！！！ | 转 人 工 | 轉人工 | zhuan人工 | 人工人工人工 | 我要跟人讲话 | 阿能寻个人跟我讲
可以和人聊吗 | 怎么转人工 | 人工在哪里 | 在线客服 | 请人工回复 | 人工介入 | 我要求人工服务
老人家不会用，找个人帮我 | 难道没有人工吗 | 怎么一直是机器人 | human | agent please | can I speak to someone
I want to speak to a real person | is there a real person | can someone call me | i need a human
customer service | this bot is useless, get me a human | how do i contact staff
"""
IS_A_QUESTION = """
我想找律师打官司 | 怎么找人民调解 | 我想找人民调解员 | 帮我找个律师可以吗 | 怎么联系法官 | 怎么联系律师
联系不上房东 | 怎么投诉物业 | 我要投诉商家 | 12345电话多少 | 法律援助电话是多少 | 派出所电话多少
我要找老板要工资 | 人工费怎么算 | 人工流产公司能开除我吗 | 人工智能会取代律师吗 | 真人cs受伤谁负责
客服让我转账 | 京东客服打电话给我 | 有个客服叫我共享屏幕 | 自称客服的人说我开了会员 | 找人打架判几年
找人要债合法吗 | 找不到人怎么起诉 | 老板找不到人了 | 叫人来打我怎么办 | 有人骂我 | 有人给我打电话说是公安
公司让我转岗 | 转账 | 给我打电话的是骗子吗 | 人身保险怎么赔 | 领导让我转账 | 我要见法官 | 找人代驾出车祸
请护工的钱谁出 | 淘宝客服不理我怎么办 | 我想和老公谈谈 | 想找人合伙 | 找人帮忙写起诉状 | 叫人帮我搬家
what is human trafficking | my agent cheated me | someone called me | can someone sue me | i need a lawyer
"""


def wordings(table: str) -> list[str]:
    return [wording.strip() for line in table.strip().splitlines() for wording in line.split("|")]


@pytest.mark.parametrize("text", wordings(WANTS_A_PERSON))
def test_any_wording_of_asking_for_a_person_is_heard(text: str):
    assert route(text).wish is Wish.HUMAN


@pytest.mark.parametrize("text", wordings(IS_A_QUESTION))
def test_a_question_that_names_people_is_a_question(text: str):
    assert route(text).wish is Wish.QUESTION


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("/start", Wish.START),
        ("菜单", Wish.MENU),
        ("你能做什么？", Wish.MENU),
        ("查工单", Wish.TICKET_STATUS),
        ("取消转人工", Wish.CANCEL_TICKET),
        ("不要人工", Wish.CANCEL_TICKET),
        ("算了", Wish.CANCEL),
        ("重新开始", Wish.RESTART),
        ("English please", Wish.ENGLISH),
        ("说中文", Wish.CHINESE),
        ("你好", Wish.GREETING),
        ("谢谢你", Wish.THANKS),
        ("再见", Wish.GOODBYE),
        ("你是机器人吗", Wish.IDENTITY),
        ("你是真人吗", Wish.IDENTITY),
        ("都不是", Wish.NONE_OF_THESE),
        ("你好，押金不退怎么办", Wish.QUESTION),
    ],
)
def test_a_wish_is_told_by_the_whole_message(text: str, wish: Wish):
    assert route(text).wish is wish


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("2。", 2),
        ("第二个", 2),
        ("选三", 3),
        ("选第4个", 4),
        ("option 5", 5),
        ("６", 6),
        ("第十二个", 12),
        ("21", None),
        ("12345", None),
    ],
)
def test_a_choice_by_its_place(text: str, number: int | None):
    assert route(text).number == number


@pytest.mark.parametrize(
    ("text", "facet"),
    [
        ("多久", Facet.TIME),
        ("那要花钱吗", Facet.COST),
        ("带什么材料", Facet.BRING),
        ("去哪里办", Facet.WHERE),
        ("how long", Facet.TIME),
        ("what should i bring", Facet.BRING),
    ],
)
def test_a_short_follow_up_asks_for_a_part_of_the_answer(text: str, facet: Facet):
    assert route(text) == Intent(wish=Wish.QUESTION, follow_up=True, facet=facet, has_subject=False)


@pytest.mark.parametrize("text", ["那如果他不同意呢", "这个也可以吗", "what if he refuses"])
def test_a_short_text_that_points_back_leans_on_the_last_answer(text: str):
    assert route(text).follow_up


@pytest.mark.parametrize(
    "text", ["老板拖欠我三个月工资怎么办", "交通事故之后对方保险公司一直拖着不肯赔我多久可以去法院起诉"]
)
def test_a_question_with_its_own_subject_leans_on_nothing(text: str):
    assert not route(text).follow_up


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("押金不退怎么办？另外试用期最长多久？", ("押金不退怎么办", "试用期最长多久")),
        ("工资拖欠怎么办\n仲裁要多少钱", ("工资拖欠怎么办", "仲裁要多少钱")),
        ("离婚要什么材料，还有孩子归谁抚养", ("离婚要什么材料", "孩子归谁抚养")),
        (
            "how do i get my deposit back? also what is the court fee",
            ("how do i get my deposit back", "what is the court fee"),
        ),
        ("我住秀洲。押金不退怎么办？", ()),
        ("押金不退怎么办？？？", ()),
        ("老板不发工资，我该怎么办，能不能报警", ()),
    ],
)
def test_two_questions_in_one_message_are_split(text: str, questions: tuple[str, ...]):
    assert split_questions(text) == questions


@pytest.mark.parametrize(
    ("text", "language"),
    [("押金 deposit", "zh"), ("help me please", "en"), ("110?", None), ("ok", None), ("scam", "en")],
)
def test_the_language_of_a_text(text: str, language: str | None):
    assert language_of(text) == language


@given(st.text(max_size=300))
def test_nothing_a_person_can_send_raises(text: str):
    route(text)
    split_questions(text)


@given(st.text(alphabet="想要能不可以帮我给转找接人工真客服打电话你们的了吗", max_size=300))
def test_no_wording_makes_the_patterns_stumble(text: str):
    start = time.perf_counter()

    route(text)

    assert time.perf_counter() - start < 0.5
