"""`python -m training.fraud.measure [--write FILE]`: how right the check is on the test half, written by other hands.

Nothing is chosen here: model and thresholds come from the tune half.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from intents.fraud.assess import Assessment, verdict
from intents.fraud.evidence import Evidence, gather
from intents.fraud.features import Features, features
from intents.fraud.meaning import Encode, meaning_of
from intents.fraud.model import Values, shipped
from intents.triage import Risk, Stage
from knowledge.encoder import OnnxEncoder
from training.fraud.disguises import DISGUISES
from training.fraud.texts import PRIVATE, ROOT, TEST, Labelled, read

PAGE = ROOT / "docs" / "evaluation" / "fraud.md"
MONEY = ("transferred", "about_to_transfer")
GOALS = (
    "Goals: recall ≥ 0.95; false alarms ≤ 0.03 on notices and ads, ≤ 0.01 on private messages; "
    "type macro-F1 ≥ 0.85; every transferred and about-to text recognised; a disguise costs < 0.02 of recall."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test text with all that is needed to judge it again."""

    text: Labelled
    evidence: Evidence
    features: Features
    meaning: Values


def main() -> None:
    """Measure, print, and write the page when asked."""
    parser = argparse.ArgumentParser(prog="python -m training.fraud.measure", description=main.__doc__)
    parser.add_argument("--test", type=Path, default=TEST, help="the folder of the test half")
    parser.add_argument("--write", nargs="?", type=Path, const=PAGE, help=f"write {PAGE.relative_to(ROOT)}")
    chosen = parser.parse_args()
    encode = OnnxEncoder(cache_rows=0).encode_queries
    cases = [case_of(text, encode) for text in read(chosen.test, "b-scam", "b-genuine")]
    stages = [case_of(text, encode) for text in read(chosen.test, "b-stage")]
    page = "\n".join(report(cases, stages, encode)) + "\n"
    print(page)
    if chosen.write:
        chosen.write.write_text(page, encoding="utf-8")


def case_of(text: Labelled, encode: Encode) -> Case:
    """The case of a text."""
    evidence = gather(text.text)
    return Case(
        text=text,
        evidence=evidence,
        features=features(evidence),
        meaning=meaning_of(evidence.reading, encode),
    )


def judged(case: Case, *, with_meaning: bool = True) -> Assessment:
    """As `assess` judges it."""
    opinion = shipped().judge(case.features, case.meaning if with_meaning else None)
    return verdict(case.evidence, case.features, opinion)


def report(cases: Sequence[Case], stages: Sequence[Case], encode: Encode) -> Iterator[str]:
    """The lines of the page."""
    found = [judged(case) for case in cases]
    yield "# The fraud check on the test half"
    yield ""
    yield "Made by `python -m training.fraud.measure --write`. The test half was written by others than the tune"
    yield "half (`training/fraud/texts/`), from which model and thresholds come. All were written for this project;"
    yield "none is real traffic, and the genuine ones are meant to be hard: they use the words of scams."
    yield ""
    yield GOALS
    yield ""
    yield "## In all"
    yield ""
    yield from _table(
        "judged",
        ("recall", "false alarms: notices, ads", "private messages", "type macro-F1"),
        _ways(cases, found),
    )
    yield ""
    yield from _stage_lines(stages)
    yield ""
    yield "## Found, by form, type and stage of the scam"
    yield ""
    for name, key in (("form", "form"), ("type", "type"), ("stage", "stage")):
        yield from _table(name, ("texts", "recall", *_extra(name)), _shares(cases, found, key))
        yield ""
    yield "## False alarms, by kind of the genuine text"
    yield ""
    yield from _table("kind", ("texts", "suspected", "of these urgent"), _alarms(cases, found))
    yield ""
    yield "## Without a group of features"
    yield ""
    yield "The weights stay, the group is taken away from the text before it is judged."
    yield ""
    yield from _table("without", ("recall", "notices, ads", "private", "type macro-F1"), _ablations(cases))
    yield ""
    yield "## Disguised automatically"
    yield ""
    yield from _table(
        "disguise",
        ("texts changed", "recall before", "recall after", "cost"),
        _disguised(cases, found, encode),
    )


def _ways(cases: Sequence[Case], found: Sequence[Assessment]) -> Iterator[tuple[str, ...]]:
    yield ("with the encoder (`anwen check`)", *_figures(cases, found))
    yield ("by words alone", *_figures(cases, [judged(case, with_meaning=False) for case in cases]))


def _figures(cases: Sequence[Case], found: Sequence[Assessment]) -> tuple[str, ...]:
    alarmed = [assessment.risk is not Risk.NONE for assessment in found]
    scams = [hit for case, hit in zip(cases, alarmed, strict=True) if case.text.is_scam]
    notices = [
        hit
        for case, hit in zip(cases, alarmed, strict=True)
        if not case.text.is_scam and case.text.kind not in PRIVATE
    ]
    private = [
        hit
        for case, hit in zip(cases, alarmed, strict=True)
        if not case.text.is_scam and case.text.kind in PRIVATE
    ]
    return (_share(scams), _share(notices), _share(private), f"{_macro_f1(cases, found):.3f}")


def _share(hits: Sequence[bool]) -> str:
    return f"{sum(hits) / len(hits):.3f} ({sum(hits)} / {len(hits)})" if hits else "-"


def _macro_f1(cases: Sequence[Case], found: Sequence[Assessment]) -> float:
    """Over the types of all scams; one not found counts as wrongly typed."""
    pairs = [
        (case.text.type, assessment.type)
        for case, assessment in zip(cases, found, strict=True)
        if case.text.is_scam
    ]
    types = sorted({str(true) for true, _ in pairs})
    return float(np.mean([_f1(pairs, type_) for type_ in types]))


def _f1(pairs: Sequence[tuple[str | None, str | None]], type_: str) -> float:
    right = sum(true == said == type_ for true, said in pairs)
    total = sum(true == type_ for true, _ in pairs) + sum(said == type_ for _, said in pairs)
    return 2 * right / total if total else 0.0


def _stage_lines(stages: Sequence[Case]) -> Iterator[str]:
    """How many of the stage texts are told as urgent, and with the right stage."""
    money = [case for case in stages if case.text.stage in MONEY]
    rest = [case for case in stages if case.text.stage not in MONEY]
    yield "The stage texts, money moving or moved: by the rules of the chat, by the check, and by either of them."
    yield ""
    rows = [
        (name, *_recognised(group))
        for name, group in (("transferred or about to", money), ("other", rest))
        if group
    ]
    yield from _table(
        "stage texts", ("texts", "urgent by rules", "urgent by check", "by either", "exact stage"), rows
    )


def _recognised(group: Sequence[Case]) -> tuple[str, ...]:
    checks = [judged(case) for case in group]
    rules = [case.evidence.triage.urgent for case in group]
    urgent = [check.risk is Risk.IN_PROGRESS for check in checks]
    either = [by_rule or by_check for by_rule, by_check in zip(rules, urgent, strict=True)]
    exact = [_name(check.stage) == case.text.stage for case, check in zip(group, checks, strict=True)]
    return (str(len(group)), _share(rules), _share(urgent), _share(either), _share(exact))


def _name(stage: Stage | None) -> str | None:
    return stage.value if stage else None


def _extra(name: str) -> tuple[str, ...]:
    return {"type": ("of the found, type right",), "stage": ("of the found, stage right",)}.get(name, ())


def _shares(cases: Sequence[Case], found: Sequence[Assessment], key: str) -> Iterator[tuple[str, ...]]:
    scams = [(case, assessment) for case, assessment in zip(cases, found, strict=True) if case.text.is_scam]
    for value, count in sorted(Counter(str(getattr(case.text, key)) for case, _ in scams).items()):
        group = [(case, assessment) for case, assessment in scams if str(getattr(case.text, key)) == value]
        hits = [(case, assessment) for case, assessment in group if assessment.risk is not Risk.NONE]
        row = (value, str(count), f"{len(hits) / count:.3f}")
        if key == "type":
            row = (*row, _share([assessment.type == value for _, assessment in hits]))
        if key == "stage":
            row = (*row, _share([_name(assessment.stage) == value for _, assessment in hits]))
        yield row


def _alarms(cases: Sequence[Case], found: Sequence[Assessment]) -> Iterator[tuple[str, ...]]:
    genuine = [
        (case, assessment) for case, assessment in zip(cases, found, strict=True) if not case.text.is_scam
    ]
    for kind, count in sorted(Counter(str(case.text.kind) for case, _ in genuine).items()):
        group = [assessment for case, assessment in genuine if case.text.kind == kind]
        hits = [assessment for assessment in group if assessment.risk is not Risk.NONE]
        urgent = sum(assessment.risk is Risk.IN_PROGRESS for assessment in hits)
        yield (kind, str(count), f"{len(hits) / count:.3f} ({len(hits)})", str(urgent))


_GROUPS: dict[str, Callable[[str], bool]] = {
    "nothing": lambda _: False,
    "signals": lambda flag: flag.startswith("signal:") or flag == "rule",
    "signs of honesty": lambda flag: flag.startswith("calm:"),
    "links, numbers, accounts": lambda flag: flag.startswith(("link:", "phone:", "account:")),
    "stage rules": lambda flag: flag.startswith("stage:"),
    "disguise": lambda flag: "disguise" in flag,
}


def _ablations(cases: Sequence[Case]) -> Iterator[tuple[str, ...]]:
    for name, drops in _GROUPS.items():
        yield (name, *_figures(cases, [judged(_without(case, drops)) for case in cases]))
    bare = [replace(case, features=_without_grams(case.features)) for case in cases]
    yield ("n-grams", *_figures(bare, [judged(case) for case in bare]))
    yield (
        "meaning (trained without)",
        *_figures(cases, [judged(case, with_meaning=False) for case in cases]),
    )


def _without(case: Case, drops: Callable[[str], bool]) -> Case:
    kept = frozenset(flag for flag in case.features.flags if not drops(flag))
    evidence = case.evidence
    if drops("rule"):
        evidence = replace(evidence, found=())
    if drops("stage:"):
        evidence = replace(evidence, triage=replace(evidence.triage, stage=None))
    return replace(case, evidence=evidence, features=replace(case.features, flags=kept))


def _without_grams(found: Features) -> Features:
    return replace(found, buckets=found.buckets[:0], counts=found.counts[:0])


def _disguised(
    cases: Sequence[Case], found: Sequence[Assessment], encode: Encode
) -> Iterator[tuple[str, ...]]:
    scams = [
        (case, hit.risk is not Risk.NONE) for case, hit in zip(cases, found, strict=True) if case.text.is_scam
    ]
    for name, disguise in DISGUISES.items():
        changed = [(case, hit, disguise(case.text.text)) for case, hit in scams]
        changed = [(case, hit, text) for case, hit, text in changed if text != case.text.text]
        before = [hit for _, hit, _ in changed]
        after = [
            judged(case_of(replace(case.text, text=text), encode)).risk is not Risk.NONE
            for case, _, text in changed
        ]
        cost = (sum(before) - sum(after)) / len(changed)
        yield (name, str(len(changed)), f"{np.mean(before):.3f}", f"{np.mean(after):.3f}", f"{cost:+.3f}")


def _table(first: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join((first, *columns))} |"
    yield "|" + " --- |" * (len(columns) + 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    main()
