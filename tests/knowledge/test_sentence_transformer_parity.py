"""The shipped files, run by torch and sentence-transformers, give the vectors that onnxruntime gives.

The torch side is made from nothing but the shipped model folder: its integers are turned back into
float32 weights of a BertModel. So the hand-written graph, the tokenizer and the pooling are all
checked against independent implementations.
"""

import numpy as np
import pytest

from knowledge.encoder import OnnxEncoder, SentenceTransformerEncoder
from knowledge.model_files import SHIPPED_MODEL
from tests.knowledge.encoder_contract import EncoderContract

pytestmark = pytest.mark.models
REASON = "compares with torch; run: pip install 'anwen[models]' onnx"
pytest.importorskip("sentence_transformers", reason=REASON)
pytest.importorskip("onnx", reason=REASON)

AS_NEAR = 0.003  # cosine; what rounding to int8 may swap

ASKED_AND_MEANT = [
    ("老板三个月没发工资了怎么办", "拖欠工资可以向劳动监察投诉或申请仲裁"),
    ("被裁员能拿多少补偿", "经济补偿按工作年限计算，每满一年付一个月工资"),
    ("没签劳动合同 双倍工资", "未订立书面劳动合同的应当支付二倍工资"),
    ("上班路上被车撞了算工伤吗", "上下班途中非本人主要责任的交通事故认定为工伤"),
    ("试用期最长多久", "试用期的期限按劳动合同的长短确定"),
    ("离婚孩子归谁", "离婚后子女由谁抚养按最有利于未成年人的原则判决"),
    ("协议离婚要等多少天", "离婚冷静期为三十日"),
    ("结婚登记要带什么", "办理结婚登记应当携带的证件"),
    ("彩礼能要回来吗", "未办理结婚登记的可以请求返还彩礼"),
    ("老公打我怎么办", "遭受家庭暴力可以申请人身安全保护令"),
    ("爷爷的房子怎么继承", "法定继承的顺序和遗产分配"),
    ("自己手写的遗嘱有效吗", "自书遗嘱由遗嘱人亲笔书写、签名并注明日期"),
    ("房东不退押金", "租赁合同终止后押金的返还"),
    ("楼上漏水谁负责", "房屋漏水造成损失的赔偿责任"),
    ("物业费可以不交吗", "业主应当按照约定支付物业费"),
    ("邻居半夜装修太吵", "噪声扰民可以报警或向有关部门投诉"),
    ("网购买到假货怎么赔", "经营者欺诈消费者应当增加赔偿三倍价款"),
    ("过期食品十倍赔偿", "不符合食品安全标准的食品可以要求十倍赔偿金"),
    ("七天无理由退货", "网络购物自收到商品之日起七日内可以退货"),
    ("健身房跑路了卡里的钱怎么退", "预付卡商家关门后的退款"),
    ("借条没写还款日期", "借款期限没有约定的可以随时要求返还"),
    ("高利贷利息要还吗", "超过四倍贷款市场报价利率的利息不受保护"),
    ("欠条过了三年还能起诉吗", "普通诉讼时效期间为三年"),
    ("帮人担保要还钱吗", "保证人承担保证责任的方式和期间"),
    ("征信有逾期记录怎么消除", "不良信息自终止之日起保留五年后删除"),
    ("怎么查自己的征信报告", "个人信用报告每年可以免费查询两次"),
    ("花钱修复征信靠谱吗", "收费修复征信的都是骗局"),
    ("失信被执行人怎么解除", "履行义务后从失信名单中删除"),
    ("行政处罚信息怎么修复", "向信用中国网站申请行政处罚信息信用修复"),
    ("公司进了经营异常名录", "移出经营异常名录的申请办法"),
    ("对方让我把钱转到安全账户", "公检法没有安全账户，要求转账的是诈骗"),
    ("刷单先垫付说能返钱", "刷单返利是违法的诈骗手段"),
    ("客服说我的快递丢了要理赔", "冒充客服退款理赔的骗局"),
    ("网上认识的男朋友带我投资", "网络交友诱导投资的杀猪盘诈骗"),
    ("贷款要先交保证金", "网络贷款放款前收费的是诈骗"),
    ("孩子打游戏充了八千", "未成年人充值游戏的款项可以要求退还"),
    ("老人被骗买了保健品", "老年人购买保健品受骗的维权办法"),
    ("银行卡借给别人用会怎样", "出租出借银行账户的法律责任"),
    ("商标被别人抢注了", "对抢先注册的商标可以提出异议或请求无效"),
    ("申请专利要多少钱", "专利申请费和费用减缴"),
    ("图片被公司盗用", "著作权被侵犯可以要求停止侵害并赔偿"),
    ("请不起律师怎么办", "经济困难的公民可以申请法律援助"),
    ("打官司要交多少诉讼费", "案件受理费的交纳标准"),
    ("调解协议不履行", "人民调解协议可以申请司法确认"),
    ("被騙了錢怎麼報警", "遭遇電信詐騙應立即撥打一一零報警"),
    ("How do I report a phone scam?", "Call the police and keep the records of the fraud call"),
    ("My boss does not pay me", "Unpaid wages can be claimed through labor arbitration"),
    ("Can I return goods bought online?", "Online purchases may be returned within seven days"),
    ("How can I check my credit report?", "You may query your personal credit report twice a year for free"),
    ("Where do I get free legal aid?", "Legal aid is given to citizens in financial difficulty"),
]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory) -> SentenceTransformerEncoder:
    """The shipped model as sentence-transformers runs it."""
    from training.from_onnx import convert

    folder = tmp_path_factory.mktemp("torch")
    convert(SHIPPED_MODEL, folder)
    return SentenceTransformerEncoder(folder)


@pytest.fixture(scope="module")
def shipped() -> OnnxEncoder:
    return OnnxEncoder()


class TestSentenceTransformerEncoder(EncoderContract):
    """The same contract as the shipped encoder's."""


class TestParity:
    asked, meant = zip(*ASKED_AND_MEANT, strict=True)

    def test_every_vector_points_the_same_way(self, encoder, shipped):
        questions = (encoder.encode_queries(self.asked) * shipped.encode_queries(self.asked)).sum(axis=1)
        passages = (encoder.encode_passages(self.meant) * shipped.encode_passages(self.meant)).sum(axis=1)

        assert min(questions.min(), passages.min()) >= 0.99

    def test_questions_find_the_same_passage_unless_two_are_as_near(self, encoder, shipped):
        exact, rounded = (
            each.encode_queries(self.asked) @ each.encode_passages(self.meant).T
            for each in (encoder, shipped)
        )
        chosen = rounded.argmax(axis=1)
        behind = exact.max(axis=1) - exact[np.arange(len(chosen)), chosen]

        assert behind.shape == (50,)
        assert behind.max() <= AS_NEAR
        assert (behind > 0).sum() <= 2
