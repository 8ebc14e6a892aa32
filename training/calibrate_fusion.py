"""Fits knowledge/model/fusion.json to the development questions.

    python -m training.calibrate_fusion [--questions tests/evals/questions] [--data data/knowledge]

Run it again when the encoder, the content or the questions have changed much. Compiles the content first;
only the tune split is read. The measures it prints are of that split, and so a little too good: the test
split is for `anwen eval`.
"""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

from knowledge.build import build
from knowledge.calibrate import calibrate, examples
from knowledge.encoder import OnnxEncoder
from knowledge.evaluation import Question, evaluate, load_questions
from knowledge.evaluation_report import render_markdown
from knowledge.fusion import SHIPPED_FUSION, Fusion
from knowledge.retriever import Retriever

COMMAND = "python -m training.calibrate_fusion"


def main() -> None:
    """Compiles, measures, fits, writes and reports."""
    arguments = _arguments()
    now = datetime.now(UTC)
    encoder = OnnxEncoder(threads=2)
    built = build(
        arguments.content,
        arguments.data,
        encoder=encoder,
        today=arguments.today or now.date(),
        now=now,
        refuse_problems=False,
    )
    retriever = Retriever.open(built.path, encoder, fusion=Fusion.unfitted())
    questions = _answerable(load_questions(arguments.questions, split="tune"), retriever)
    today = arguments.today or now.date()
    cases = examples(questions, retriever, today=today)
    fusion = calibrate(cases, encoder=encoder.name, today=today, command=COMMAND)
    fusion.save(arguments.out)
    fitted = Retriever(retriever.opened, encoder=encoder, fusion=fusion)
    report = evaluate(questions, fitted.search, thresholds=fusion.thresholds, today=today)
    print(render_markdown(report))


def _answerable(questions: tuple[Question, ...], retriever: Retriever) -> list[Question]:
    """Without the questions whose entry is not written yet: no coefficient could find it."""
    entries = retriever.opened.entries
    kept = [q for q in questions if not q.in_scope or any(map(q.is_answered_by, entries))]
    print(f"{len(kept)} questions; {len(questions) - len(kept)} left out, whose entry is not written")
    return kept


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--questions", type=Path, default=Path("tests/evals/questions"))
    parser.add_argument("--content", type=Path, default=Path("knowledge/content"))
    parser.add_argument("--data", type=Path, default=Path("data/knowledge"), help="where to compile to")
    parser.add_argument("--out", type=Path, default=SHIPPED_FUSION)
    parser.add_argument("--today", type=date.fromisoformat, help="YYYY-MM-DD; for the dates of entries")
    return parser.parse_args()


if __name__ == "__main__":
    main()
