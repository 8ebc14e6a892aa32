"""A finding in words: the verdict, the arithmetic line by line, who decides, and what to be reminded of."""

from collections.abc import Mapping
from datetime import date

from intents.credit.assessment import Assessment, Line, Verdict
from intents.credit.eligibility import assess
from intents.credit.rules import Rule, RuleBook, rulebook
from intents.forms.dates import shown_date
from intents.forms.steps import Computed

RECORD = "record"  # the slot that says which kind it is


def credit_verdict(answers: Mapping[str, str], today: date, language: str) -> Computed:
    """The note of the credit form."""
    book = rulebook()
    rule = book.rules.get(answers.get(RECORD, ""))
    if rule is None:
        return Computed(value=Verdict.PERSON.value, text=_unknown(book, language))
    found = assess(rule, answers, book, today=today)
    return Computed(
        value=found.verdict.value,
        text=told(found, rule, book, language),
        sources=rule.sources,
        reminders=_reminders(found, book, language, today),
        entry=rule.entry,
        facts=_facts(found, rule, book),
        card=_card(found, rule, book),
    )


def told(found: Assessment, rule: Rule, book: RuleBook, language: str) -> str:
    """The finding as people read it."""
    who = rule.who.said_in(language)
    earliest = _shown(found.earliest, language) if found.earliest else ""
    lines = [_say(book, f"verdict_{found.verdict.value}", language, who=who, earliest=earliest)]
    lines += [_reason(key, rule, book, language) for key in found.reasons]
    if found.lines:
        lines += ["", _say(book, "counting", language)]
        lines += [f"· {_derived(line, book, language)}" for line in found.lines]
    lines += ["", _say(book, "who", language, who=who), _say(book, "free", language)]
    return "\n".join(lines)


def _unknown(book: RuleBook, language: str) -> str:
    keys = ("verdict_person", "reason_unknown", "free")
    return "\n".join(_say(book, key, language) for key in keys)


def _reason(key: str, rule: Rule, book: RuleBook, language: str) -> str:
    limit = rule.old_from if key == "too_old" else rule.in_force
    return _say(book, f"reason_{key}", language, in_force=_shown(limit, language) if limit else "")


def _derived(line: Line, book: RuleBook, language: str) -> str:
    values = {
        name: _shown(value, language) if isinstance(value, date) else value
        for name, value in line.values.items()
    }
    return _say(book, line.key, language, **values)


def _reminders(found: Assessment, book: RuleBook, language: str, today: date) -> tuple[tuple[date, str], ...]:
    """The morning something can be done."""
    days = []
    if found.verdict is Verdict.WAIT and found.earliest is not None:
        days.append((found.earliest, "remind_floor"))
    if found.ends_on is not None and found.ends_on > today:
        days.append((found.ends_on, "remind_end"))
    return tuple((day, _say(book, key, language, day=_shown(day, language))) for day, key in days)


def _facts(found: Assessment, rule: Rule, book: RuleBook) -> dict[str, str]:
    """For the case card and the documents, in the language of the staff."""
    facts = {"verdict": found.verdict.value, "code": rule.code, "who": rule.who.zh}
    facts["derivation"] = "；".join(_derived(line, book, "zh") for line in found.lines)
    facts["reasons"] = "；".join(_reason(key, rule, book, "zh") for key in found.reasons)
    if found.earliest is not None:
        facts["earliest"] = found.earliest.isoformat()
    if found.ends_on is not None:
        facts["ends_on"] = found.ends_on.isoformat()
    return facts


def _card(found: Assessment, rule: Rule, book: RuleBook) -> dict[str, str]:
    """What staff see beside the answers."""
    lines = {"记录编号": rule.code, "结论": told(found, rule, book, "zh").splitlines()[0]}
    if found.earliest is not None:
        lines["最早可申请日"] = _shown(found.earliest, "zh")
    if found.ends_on is not None:
        lines["公示（保存）到"] = _shown(found.ends_on, "zh")
    if found.lines:
        lines["怎样算的"] = "；".join(_derived(line, book, "zh") for line in found.lines)
    return lines


def _say(book: RuleBook, key: str, language: str, **values: object) -> str:
    return book.words[key].said_in(language).format_map(values)


def _shown(day: date, language: str) -> str:
    return shown_date(day.isoformat(), language)
