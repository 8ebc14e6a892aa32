"""Whether a record can be repaired now, and if not, from which day: pure date arithmetic with its derivation.

What is not certain ends at a person with the reason; no day is ever guessed. Months are added to the calendar day; a
month without that day ends on its last (2026-11-30 + 3 months = 2027-02-28).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from intents.credit.assessment import Answers, Assessment, Line, Verdict
from intents.credit.rules import Rule, RuleBook, RuleKind
from intents.forms.dates import add_months
from intents.workdays import add_workdays

ACCEPT_DAYS, DECIDE_DAYS, COMPLEX_DAYS = 3, 7, 10  # working days; 信用修复管理办法


def assess(rule: Rule, answers: Answers, book: RuleBook, *, today: date) -> Assessment:
    """The finding for one record.

    Args:
        answers: as the form `credit_repair` keeps them: level, decided_on, published_on, fulfilled, fulfilled_on,
            blocked, corrected, corrected_on, listed_on, court_state, performed_on, paid, paid_on, one_off, ruled_on.
    """
    return _RULES[rule.kind](rule, answers, book, today)


def _day(answers: Answers, slot: str) -> date | None:
    return date.fromisoformat(answers[slot]) if answers.get(slot) else None


def _line(key: str, **values: date | int | str) -> Line:
    return Line(key=key, values=values)


# --- penalties --------------------------------------------------------------------------------------------


def _levels(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    decided = _day(answers, "decided_on")
    assert rule.in_force is not None, "rules by level name their first day"
    if decided is None:
        return _person("no_date")
    if decided < rule.in_force:
        return _person("old_rule")
    months = book.levels.get(answers.get("level", ""))
    if months is None:
        return _person("level")
    return _by_level(decided, decided, months, (), answers, today)


def _by_level(
    decided: date,
    start: date,
    months: tuple[int, int],
    before: tuple[Line, ...],
    answers: Answers,
    today: date,
) -> Assessment:
    """From the day the counting starts, the level's months, and the day all was fulfilled."""
    least, most = months
    floor, ceiling = add_months(start, least), add_months(start, most)
    if least:
        lines = [*before, _line("floor", start=start, months=least, day=floor)]
    else:
        lines = [*before, _line("floor_none", start=decided, months=most)]
    lines.append(_line("ceiling", start=start, months=most, day=ceiling))
    return _from_floor(floor, ceiling, lines, answers, today)


def _from_floor(
    floor: date, ceiling: date | None, lines: list[Line], answers: Answers, today: date
) -> Assessment:
    if answers.get("fulfilled") != "yes":
        return Assessment(verdict=Verdict.FIX_FIRST, lines=tuple(lines), ends_on=None)
    fulfilled = _day(answers, "fulfilled_on")
    earliest = floor
    if fulfilled is not None:
        earliest = max(floor, fulfilled)
        lines += [_line("fulfilled", day=fulfilled), _line("later_of", day=earliest)]
    if ceiling is not None and today >= ceiling:
        return Assessment(verdict=Verdict.ENDED, lines=tuple(lines), ends_on=ceiling)
    if today < earliest:
        return Assessment(verdict=Verdict.WAIT, lines=tuple(lines), earliest=earliest, ends_on=ceiling)
    lines.append(_result(today))
    return Assessment(verdict=Verdict.NOW, lines=tuple(lines), earliest=earliest, ends_on=ceiling)


def _result(today: date) -> Line:
    usual = add_workdays(today, ACCEPT_DAYS + DECIDE_DAYS)
    return _line("result", start=today, day=usual, last=add_workdays(usual, COMPLEX_DAYS))


def _market(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    blocked = set(answers.get("blocked", "").split(","))
    for fact in ("heavy", "repeated"):
        if fact in blocked:
            return _person(fact)
    decided = _day(answers, "decided_on")
    assert rule.in_force is not None
    assert rule.old_from is not None, "the rules of the market regulators name both first days"
    if decided is None:
        return _person("no_date")
    if decided < rule.old_from:
        return _person("too_old")
    found = (
        _market_new(decided, answers, book, today)
        if decided >= rule.in_force
        else _market_old(rule, answers, "food" in blocked, today)
    )
    if "in_list" in blocked and found.verdict in (Verdict.NOW, Verdict.WAIT, Verdict.FIX_FIRST):
        return replace(found, verdict=Verdict.FIX_FIRST, earliest=None, reasons=("listed",))
    return found


def _market_new(decided: date, answers: Answers, book: RuleBook, today: date) -> Assessment:
    """Whether the rules count from the decision or the publication is not certain: the later one is taken."""
    months = book.levels.get(answers.get("level", ""))
    if months is None:
        return _person("level")
    published = _day(answers, "published_on")
    if published is None:
        found = _by_level(decided, decided, months, (), answers, today)
        return replace(found, lines=(*found.lines, _line("start_uncertain")))
    start = max(decided, published)
    note = _line(
        "published_start",
        decided=add_months(decided, months[0]),
        published=published,
        day=add_months(start, months[0]),
    )
    return _by_level(decided, start, months, (note,), answers, today)


def _market_old(rule: Rule, answers: Answers, is_food: bool, today: date) -> Assessment:
    published = _day(answers, "published_on")
    if published is None:
        return _person("publication")
    months = rule.old_food_months if is_food else rule.old_months
    floor = add_months(published, months)
    lines = [
        _line("old_rule", title=rule.old_title, months=months),
        _line("floor", start=published, months=months, day=floor),
    ]
    return _from_floor(floor, None, lines, answers, today)


# --- lists ------------------------------------------------------------------------------------------------


def _correction(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    corrected = _day(answers, "corrected_on") or today
    if answers.get("corrected") != "yes":
        return Assessment(verdict=Verdict.FIX_FIRST)
    return Assessment(verdict=Verdict.NOW, lines=(_line("correction", day=corrected),), earliest=corrected)


def _serious(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    listed = _day(answers, "listed_on")
    if listed is None:
        return _person("serious")
    least = add_months(listed, rule.least_months)
    lines = (_line("serious_least", start=listed, day=least),)
    if answers.get("fulfilled") == "no":
        return Assessment(verdict=Verdict.FIX_FIRST, lines=lines, reasons=("serious",))
    return Assessment(verdict=Verdict.PERSON, lines=lines, reasons=("serious",))


def _published(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    published = _day(answers, "listed_on")
    assert rule.reason is not None, "what is for a person says why"
    if published is None:
        return _person(rule.reason)
    ends = add_months(published, rule.months)
    lines = (_line("published_stop", start=published, day=ends),)
    if today >= ends:
        return Assessment(verdict=Verdict.ENDED, lines=lines, ends_on=ends)
    return Assessment(verdict=Verdict.PERSON, lines=lines, reasons=(rule.reason,), ends_on=ends)


def _term(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    listed, corrected = _day(answers, "listed_on"), _day(answers, "corrected_on")
    if answers.get("corrected") != "yes":
        return Assessment(verdict=Verdict.FIX_FIRST)
    if listed is None or corrected is None:
        return _person("no_date")
    early, ends = add_months(corrected, rule.least_months), add_months(listed, rule.months)
    lines = (_line("term_early", start=corrected, day=early), _line("term_end", start=listed, day=ends))
    if today >= ends:
        return Assessment(verdict=Verdict.ENDED, lines=lines, ends_on=ends)
    verdict = Verdict.NOW if today >= early else Verdict.WAIT
    return Assessment(verdict=verdict, lines=lines, earliest=early, ends_on=ends)


# --- courts -----------------------------------------------------------------------------------------------


def _court(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    state = answers.get("court_state", "")
    if state in ("term", "ended", "consent"):
        return _person(f"court_{state}")
    if state != "performed":
        return Assessment(verdict=Verdict.FIX_FIRST)
    performed = _day(answers, "performed_on")
    if performed is None:
        return _person("no_date")
    deleted = add_workdays(performed, rule.workdays)
    lines = (_line("fulfilled", day=performed), _line("court_days", start=performed, day=deleted))
    if today > deleted:
        return Assessment(verdict=Verdict.ENDED, lines=lines, ends_on=deleted)
    return Assessment(verdict=Verdict.NOW, lines=lines, earliest=performed, ends_on=deleted)


def _ruling(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    ruled = _day(answers, "ruled_on")
    if ruled is None:
        return Assessment(verdict=Verdict.FIX_FIRST, reasons=("no_ruling",))
    return Assessment(verdict=Verdict.NOW, lines=(_line("ruling", day=ruled),), earliest=ruled)


# --- credit bureau ----------------------------------------------------------------------------------------


def _kept(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    paid = _day(answers, "paid_on")
    if answers.get("paid") != "yes" or paid is None:
        return Assessment(verdict=Verdict.NOT_REPAIRABLE, lines=(_line("kept_unpaid"),))
    ends = add_months(paid, rule.months)
    lines = (_line("kept", start=paid, day=ends),)
    if today > ends:
        return Assessment(verdict=Verdict.ENDED, lines=lines, ends_on=ends)
    return Assessment(verdict=Verdict.NOT_REPAIRABLE, lines=lines, ends_on=ends)


def _objection(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    answered = today + timedelta(days=rule.days)
    return Assessment(verdict=Verdict.OTHER_WAY, lines=(_line("objection", start=today, day=answered),))


def _one_off(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
    paid = _day(answers, "paid_on")
    assert rule.paid_until is not None
    assert rule.early_until is not None
    assert rule.early_shown is not None, "the one-off measure names its three days"
    fits = answers.get("one_off") == "yes" and answers.get("paid") == "yes"
    if not fits or paid is None or paid > rule.paid_until:
        kept = _kept(replace(rule, months=60), answers, book, today)
        return replace(kept, lines=(_line("one_off_closed"), *kept.lines))
    if paid <= rule.early_until:
        return Assessment(verdict=Verdict.ENDED, lines=(_line("one_off_early"),), ends_on=rule.early_shown)
    shown = _end_of_next_month(paid)
    return Assessment(verdict=Verdict.ENDED, lines=(_line("one_off_later", day=shown),), ends_on=shown)


def _end_of_next_month(day: date) -> date:
    return add_months(day.replace(day=1), 2) - timedelta(days=1)


# --- other ways -------------------------------------------------------------------------------------------


def _person(reason: str) -> Assessment:
    return Assessment(verdict=Verdict.PERSON, reasons=(reason,))


def _always(verdict: Verdict) -> Callable[[Rule, Answers, RuleBook, date], Assessment]:
    def found(rule: Rule, answers: Answers, book: RuleBook, today: date) -> Assessment:
        assert rule.reason is not None, "a rule without arithmetic says why"
        return Assessment(verdict=verdict, reasons=(rule.reason,))

    return found


_RULES: Mapping[RuleKind, Callable[[Rule, Answers, RuleBook, date], Assessment]] = {
    RuleKind.LEVELS: _levels,
    RuleKind.MARKET: _market,
    RuleKind.CORRECTION: _correction,
    RuleKind.SERIOUS: _serious,
    RuleKind.COURT: _court,
    RuleKind.KEPT: _kept,
    RuleKind.OBJECTION: _objection,
    RuleKind.ONE_OFF: _one_off,
    RuleKind.PUBLISHED: _published,
    RuleKind.TERM: _term,
    RuleKind.RULING: _ruling,
    RuleKind.SANCTION: _always(Verdict.NOT_REPAIRABLE),
    RuleKind.APPEAL: _always(Verdict.OTHER_WAY),
    RuleKind.PERSON: _always(Verdict.PERSON),
}
