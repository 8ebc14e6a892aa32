"""The `tokenizers` file of the encoder: the XLM-R way of cutting text, over our vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

from tokenizers import Regex, Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import NFKC, Replace
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import Metaspace
from tokenizers.processors import TemplateProcessing

from training.vocabulary import METASPACE, SPECIALS

BOS, PAD, EOS, UNKNOWN = SPECIALS
NEVER = -100.0  # log-probability of a mark's name in a text: "<s>" typed by a person stays three characters


def build(texts: Sequence[str], scores: Sequence[float]) -> Tokenizer:
    """A tokenizer whose ids are positions in `texts`; frames each text as `<s> … </s>`."""
    pieces = [(text, NEVER if text in SPECIALS else score) for text, score in zip(texts, scores, strict=True)]
    tokenizer = Tokenizer(Unigram(pieces, texts.index(UNKNOWN), False))
    tokenizer.normalizer = Normalizers([NFKC(), Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = Metaspace(replacement=METASPACE, prepend_scheme="always")
    tokenizer.post_processor = TemplateProcessing(
        single=f"{BOS} $A {EOS}",
        pair=f"{BOS} $A {EOS} {EOS} $B {EOS}",
        special_tokens=[(BOS, texts.index(BOS)), (EOS, texts.index(EOS))],
    )
    return tokenizer
