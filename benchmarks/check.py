"""How long a check for fraud takes: on the messages of its test half, and on text nobody would write."""

import json
import random
from collections.abc import Sequence

from benchmarks.bench import ROOT, Advance, Bench
from benchmarks.report import Check, Result, Table, number
from benchmarks.timing import Stopwatch, Timed
from bot.encoders import open_encoder
from intents.fraud.assess import assess
from intents.fraud.meaning import Encode

MESSAGES = ROOT / "tests" / "evals" / "check"
HIGHEST_P99_MS = 20.0
_PIECES = (
    *"转账安全户加微信薇群扣贷款刷单亻言车专0123456789oOl〇壹abcvxq.:/@+*-·•～，。！？ \n",
    *("\u200b", "\u202e", "➕", "🐔", "𝐕", "①", "http://", "www.", ".top", "62", "138", "保证金", "验证码"),
)


def measure(bench: Bench, advance: Advance) -> Result:
    """Every message by words alone and with the encoder, and as many random texts."""
    messages = [
        json.loads(line)["text"]
        for path in sorted(MESSAGES.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ][: bench.size.questions]
    strange = _strange(len(messages))
    encode = open_encoder(bench.config).encode_queries
    assess(messages[0], encode=encode)
    rows = []
    groups = (
        ("messages, by words alone", messages, None),
        ("random texts", strange, None),
        ("messages, with the encoder", messages, encode),
    )
    for done, (name, texts, with_encoder) in enumerate(groups):
        rows.append((name, _timed(texts, with_encoder)))
        advance(done + 1, len(groups))
    worst = max(timed.wall.p99 for name, timed in rows if "encoder" not in name)
    return Result(
        table=_table(rows, len(messages)),
        checks=(
            Check(
                what="check of a text by words, p99",
                measured=f"{worst:.1f} ms",
                limit=f"< {HIGHEST_P99_MS:.0f} ms",
                is_kept=worst < HIGHEST_P99_MS,
            ),
        ),
    )


def _timed(texts: Sequence[str], encode: Encode | None) -> Timed:
    stopwatch = Stopwatch()
    for text in texts:
        with stopwatch.lap():
            assess(text, encode=encode)
    return stopwatch.timed


def _strange(count: int) -> list[str]:
    """Texts of up to 400 pieces that hold what rules look for, in no order."""
    chance = random.Random(0)
    return ["".join(chance.choices(_PIECES, k=chance.randint(0, 400))) for _ in range(count)]


def _table(rows: Sequence[tuple[str, Timed]], count: int) -> Table:
    return Table(
        title="A check for fraud",
        head=("what", "p50 ms", "p99 ms", "CPU p50 ms", "CPU p99 ms"),
        rows=tuple(
            (
                name,
                number(timed.wall.p50),
                number(timed.wall.p99),
                number(timed.cpu.p50),
                number(timed.cpu.p99),
            )
            for name, timed in rows
        ),
        notes=(f"{count} messages of the test half of the check, and as many random texts.",),
    )
