"""Organisations, credit codes, phone numbers and places, in an answer or in the middle of a sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from intents.forms.model import InvalidAnswer

LONGEST_NAME = 80
LONGEST_TEXT = 1000
_ENDINGS = (
    "有限责任公司|股份有限公司|有限公司|分公司|公司|集团|合作社|经营部|商行|工作室|事务所|旅行社|加油站|"
    "厂|店|铺|行|酒店|宾馆|饭店|餐厅|超市|医院|诊所|学校|幼儿园|中心|协会"
)
_AUTHORITIES = (
    "监督管理局|监管局|市监局|管理局|执法局|税务局|分局|支队|大队|局|委员会|法院|检察院|海关|办公室"
)
_HAN = "㐀-鿿"
_ORGANISATION = re.compile(rf"[{_HAN}A-Za-z\d（）()·*]{{2,40}}?(?:{_ENDINGS})(?![{_HAN}])")
_ORGANISATION_INSIDE = re.compile(
    rf"[{_HAN}A-Za-z\d（）()·*]{{2,40}}?(?:有限责任公司|股份有限公司|有限公司|分公司|公司|合作社|经营部|商行|工作室)"
)
_AUTHORITY = re.compile(rf"(?<=被)[{_HAN}]{{2,24}}?(?:{_AUTHORITIES})|[{_HAN}]{{2,24}}?(?:{_AUTHORITIES})")
_LEAD_IN = re.compile(
    r"^(?:我们?|本|咱们?)?(?:公司|企业|单位|店|厂)?(?:是|叫做|叫|名叫|全称是|全称|名称是|名字是|的名字是|为|:|：)+|^我司|^由|^是|^被"
)
_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z](?:[ -]?[0-9A-Za-z]){14,19}(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<![\dA-Za-z])\+?\d[\d\- ()（）]{5,18}\d(?!\d)")
_PLACE = re.compile(
    rf"(?:在|位于|地址是?|地点是?)?([{_HAN}A-Za-z\d\-]{{2,30}}"
    r"(?:街道|开发区|工业园|小区|社区|花园|公寓|广场|市场|商场|公园|学校|路口|大道|镇|村|路|街|弄|里|号|幢|栋|楼|桥)+[\d\-]*(?:号|幢|栋|单元|室|楼|弄)*)"
)
_LOCATION = re.compile(r"geo:-?\d{1,3}\.\d+,-?\d{1,3}\.\d+")  # as a channel writes what a phone sends
_LONG_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){10,}(?:[xX])?(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundName:
    """Something named in a text, in its canonical form."""

    value: str
    start: int
    end: int


def organisation(text: str) -> str:
    """The name `text` gives. Raises InvalidAnswer `organisation` when it is no name."""
    said = text.strip(" 　。.,，;；!！")
    found = _ORGANISATION.search(said)
    name = said if found is None or len(said) <= found.end() else found[0]
    name = _LEAD_IN.sub("", name).strip()
    if not 2 <= len(name) <= LONGEST_NAME or not re.search(rf"[{_HAN}A-Za-z]", name):
        raise InvalidAnswer("organisation")
    if re.search(r"[?？\n]|怎么|什么|多少|多久|几天|吗$", name):
        raise InvalidAnswer("organisation")
    return name


def organisations(text: str) -> Iterator[FoundName]:
    """Businesses named in a sentence."""
    for match in _ORGANISATION_INSIDE.finditer(text):
        name = _LEAD_IN.sub("", match[0])
        if len(name) >= 4 and not re.fullmatch(
            r"(我们?|本|这家|那家|一家|他们?|对方|的)*(公司|厂|店|企业)", name
        ):
            yield FoundName(value=name, start=match.end() - len(name), end=match.end())


def authorities(text: str) -> Iterator[FoundName]:
    """Public bodies named in a sentence."""
    for match in _AUTHORITY.finditer(text):
        name = re.split(r"被|由|收到|是|在|到", match[0])[-1]
        if len(name) >= 3:
            yield FoundName(value=name, start=match.end() - len(name), end=match.end())


def credit_code(text: str) -> str:
    """A 统一社会信用代码 whose check digit is right.

    Raises InvalidAnswer: `credit_code`, `credit_code_length` with how many characters, `credit_code_check`.
    """
    from stdnum.cn import uscc
    from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

    found = _CODE.search(text)
    if found is None:
        raise InvalidAnswer("credit_code")
    try:
        return str(uscc.validate(found[0]))
    except InvalidLength as error:
        raise InvalidAnswer("credit_code_length", count=len(uscc.compact(found[0]))) from error
    except InvalidChecksum as error:
        raise InvalidAnswer("credit_code_check") from error
    except ValidationError as error:
        raise InvalidAnswer("credit_code") from error


def credit_codes(text: str) -> Iterator[FoundName]:
    """Valid credit codes in a sentence."""
    for match in _CODE.finditer(text):
        try:
            yield FoundName(value=credit_code(match[0]), start=match.start(), end=match.end())
        except InvalidAnswer:
            continue


def phone(text: str) -> str:
    """A number somebody can be called back at, as +8613800000000.

    Raises InvalidAnswer: `phone`, `phone_short` for a hotline.
    """
    import phonenumbers  # late: the tables are large

    for candidate in _PHONE.findall(text) or [text]:
        try:
            parsed = phonenumbers.parse(candidate, "CN")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    raise InvalidAnswer("phone_short" if re.fullmatch(r"\D*\d{3,6}\D*", text) else "phone")


def phones(text: str) -> Iterator[FoundName]:
    """Numbers to call back in a sentence."""
    for match in _PHONE.finditer(text):
        try:
            yield FoundName(value=phone(match[0]), start=match.start(), end=match.end())
        except InvalidAnswer:
            continue


def shown_phone(value: str) -> str:
    """As people write it in the country: 138 0000 0000."""
    import phonenumbers

    parsed = phonenumbers.parse(value, None)
    inside = parsed.country_code == 86
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL if inside else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(parsed, style)


def place(text: str) -> str:
    """Where something is, as it was said. Raises InvalidAnswer `place`."""
    said = re.sub(r"^(我|就)?(在|位于|地址是?|地点是?)\s*", "", text.strip(" 　。.,，"))
    if not 2 <= len(said) <= LONGEST_NAME * 2 or not re.search(rf"[{_HAN}A-Za-z]", said):
        raise InvalidAnswer("place")
    return without_long_numbers(said)


def places(text: str) -> Iterator[FoundName]:
    """Streets, villages and buildings in a sentence, or the location a channel sent."""
    for match in _LOCATION.finditer(text):
        yield FoundName(value=match[0], start=match.start(), end=match.end())
    for match in _PLACE.finditer(text):
        yield FoundName(value=match[1], start=match.start(1), end=match.end(1))


def free_text(text: str) -> str:
    """Words of the person without card and identity numbers. Raises InvalidAnswer `text_empty`, `text_long`."""
    said = text.strip()
    if not re.search(r"\w", said):
        raise InvalidAnswer("text_empty")
    if len(said) > LONGEST_TEXT:
        raise InvalidAnswer("text_long", most=LONGEST_TEXT)
    return without_long_numbers(said)


def without_long_numbers(text: str) -> str:
    """Card and identity numbers are cut to their last four digits: nobody here needs the rest.

    >>> without_long_numbers("卡号 6222 0212 3456 7890 123")
    '卡号 尾号0123'
    """

    def tail(match: re.Match[str]) -> str:
        digits = re.sub(r"[ -]", "", match[0])
        return match[0] if len(digits) == 11 and digits.startswith("1") else f"尾号{digits[-4:]}"

    return _LONG_NUMBER.sub(tail, text)
