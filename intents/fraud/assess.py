"""What anwen says of a message: risk, type, stage, red flags in the person's own words, and what to do. Pure.

The order of trust: rules of stage and official rules first; the model may raise suspicion, it never lowers anything
that a rule found. `none` means that no sign was found, never that all is well.
"""

from dataclasses import dataclass
from typing import Any

from intents.fraud.advice import advise
from intents.fraud.evidence import Evidence, gather
from intents.fraud.features import Features, features
from intents.fraud.flags import RedFlag, red_flags
from intents.fraud.meaning import Encode, meaning_of
from intents.fraud.model import Model, Opinion, shipped
from intents.fraud.types import OTHER
from intents.router import language_of
from intents.triage import URGENT_STAGES, Risk, Stage

# Chosen on the tune half, out of fold (docs/evaluation/fraud.md): what a rule found counts from this probability on,
# for its words also stand in warnings, honest notices and stories.
RULE_NEEDS = 0.6  # beside an official rule
STAGE_NEEDS = 0.8  # beside an urgent stage, by rule or by model
URGENT_NEEDS = 0.2  # probability of an urgent stage by the model
RULED_SCORE = 0.9  # at least, where an official rule fired
_TOLD = frozenset({"calm:i_told", "calm:dialogue", "calm:he_said"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict on a text. `score` is a calibrated probability of fraud, 0 to 1."""

    risk: Risk
    score: float
    type: str | None
    stage: Stage | None
    red_flags: tuple[RedFlag, ...]
    advice: str
    language: str

    def to_json(self, id: str) -> dict[str, Any]:
        """The object of the public contract."""
        return {
            "id": id,
            "risk": self.risk.value,
            "score": round(self.score, 4),
            "type": self.type,
            "stage": self.stage.value if self.stage else None,
            "red_flags": [
                {"code": flag.code, "quote": flag.quote, "why": flag.why} for flag in self.red_flags
            ],
            "advice": self.advice,
        }


def assess(
    text: str, *, language: str | None = None, encode: Encode | None = None, model: Model | None = None
) -> Assessment:
    """What `text` shows.

    Args:
        language: of the words for the person, `zh` or `en`; None: that of the text.
        encode: the encoder the model was trained with; without it the judgement is somewhat less sure.
        model: another than the shipped one.
    """
    evidence = gather(text)
    found = features(evidence)
    meaning = meaning_of(evidence.reading, encode) if encode is not None else None
    return verdict(evidence, found, (model or shipped()).judge(found, meaning), language=language)


def verdict(
    evidence: Evidence, found: Features, opinion: Opinion, *, language: str | None = None
) -> Assessment:
    """The assessment of what was found and what the model thinks of it."""
    language = language or language_of(evidence.reading.text) or "zh"
    ruled = any(sign.signal.decides for sign in evidence.found) and opinion.fraud >= RULE_NEEDS
    told = is_told(found)
    stage = _stage(evidence, opinion, told=told, ruled=ruled)
    suspected = (
        stage in URGENT_STAGES
        or (evidence.triage.stage in URGENT_STAGES and opinion.fraud >= STAGE_NEEDS)
        or ruled
        or opinion.fraud >= opinion.thresholds["told" if told else "received"]
    )
    if not suspected:
        return Assessment(
            risk=Risk.NONE,
            score=opinion.fraud,
            type=None,
            stage=None,
            red_flags=(),
            advice=advise(None, None, language),
            language=language,
        )
    type_ = _likeliest(opinion)
    return Assessment(
        risk=Risk.IN_PROGRESS if stage in URGENT_STAGES else Risk.SUSPECTED,
        score=max(opinion.fraud, RULED_SCORE) if ruled else opinion.fraud,
        type=type_,
        stage=stage,
        red_flags=red_flags(evidence, type_, language),
        advice=advise(stage, type_, language),
        language=language,
    )


def is_told(found: Features) -> bool:
    """Whether the person tells something, rather than passing on what they received."""
    return bool(found.flags & _TOLD) and "calm:signature" not in found.flags


def _stage(evidence: Evidence, opinion: Opinion, *, told: bool, ruled: bool) -> Stage:
    """How far it has gone: by rule where one of the urgent ones fires, else by the model, at least `contacted`."""
    by_rule = evidence.triage.stage

    def share(stage: Stage) -> float:
        return opinion.stages.get(stage.value, 0.0)

    if ruled or opinion.fraud >= STAGE_NEEDS:
        is_urgent = sum(map(share, URGENT_STAGES)) >= URGENT_NEEDS
        if by_rule in URGENT_STAGES and (told or is_urgent):  # a demand in a bare message is not yet obeyed
            return by_rule
        if is_urgent:
            return max(URGENT_STAGES, key=share)
    accomplice = told and max(Stage, key=share) is Stage.ACCOMPLICE
    return Stage.ACCOMPLICE if accomplice else Stage.CONTACTED


def _likeliest(opinion: Opinion) -> str:
    return max(opinion.types, key=lambda code: opinion.types[code], default=OTHER)
