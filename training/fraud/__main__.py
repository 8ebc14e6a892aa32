"""`python -m training.fraud [--tune FOLDER]`: fit on the tune half, write intents/fraud/model.npz."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from intents.fraud.evidence import gather
from intents.fraud.features import features
from intents.fraud.meaning import Encode, meaning_of
from intents.fraud.model import WEIGHTS, save
from knowledge.encoder import OnnxEncoder
from training.fraud.fit import Example, fit
from training.fraud.staged import asked_texts, staged_texts
from training.fraud.texts import TUNE, Labelled, read


def examples_of(texts: Sequence[Labelled], encode: Encode) -> list[Example]:
    """The texts with their features."""
    gathered = [(text, gather(text.text)) for text in texts]
    return [
        Example(features=features(evidence), meaning=meaning_of(evidence.reading, encode), text=text)
        for text, evidence in gathered
    ]


def main() -> None:
    """Train and store."""
    parser = argparse.ArgumentParser(prog="python -m training.fraud", description=main.__doc__)
    parser.add_argument("--tune", type=Path, default=TUNE, help="the folder of the tune half")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    chosen = parser.parse_args()
    encode = OnnxEncoder(cache_rows=0).encode_queries
    examples = examples_of(read(chosen.tune), encode)
    staged = examples_of([*staged_texts(), *asked_texts()], encode)
    model = fit(examples, staged)
    save(model, chosen.out)
    print(f"{len(examples)} texts, {len(staged)} further stages, {chosen.out.stat().st_size:,} bytes")
    for name, how in (("plain", model.plain), ("meant", model.meant)):
        print(name, {key: round(value, 3) for key, value in how.thresholds.items()})


if __name__ == "__main__":
    main()
