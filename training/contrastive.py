"""Contrastive training of the float32 encoder; needs torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertModel

from training.batches import Batch
from training.folder import PASSAGE_PREFIX, QUERY_PREFIX
from training.pairs import Row
from training.tokenizer import PAD
from training.weights import PAD_ID

MASKED = -1e4  # logit of a passage that neither answers the question nor misses it


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to train."""

    steps: int
    rate: float = 2e-5
    warm_share: float = 0.1  # of the steps, while the rate rises; then it falls to zero
    temperature: float = 0.02
    longest: int = 160  # tokens; enough for a whole answer's first sentences
    decay: float = 0.01
    clip: float = 1.0
    seed: int = 7
    device: str = "cpu"


def train(model: BertModel, tokenizer: Tokenizer, batches: Iterator[Batch], plan: Plan) -> Iterator[float]:
    """Train `model` in place, one step for each loss that is taken; words stay frozen."""
    torch.manual_seed(plan.seed)
    cutter = _cutter(tokenizer, longest=plan.longest)
    model.embeddings.word_embeddings.requires_grad_(False)
    model.to(plan.device).train()
    free = [values for values in model.parameters() if values.requires_grad]
    optimizer = torch.optim.AdamW(free, lr=plan.rate, weight_decay=plan.decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _slope(plan))
    for _, batch in zip(range(plan.steps), batches, strict=False):
        loss = _loss(model, cutter, batch, plan)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(free, plan.clip)
        optimizer.step()
        schedule.step()
        yield loss.item()
    model.to("cpu").eval()


def _loss(model: BertModel, cutter: Tokenizer, batch: Batch, plan: Plan) -> Tensor:
    """Cross-entropy of picking passage i for question i among all passages of the batch."""
    questions = _vectors(model, cutter, _prefixed(QUERY_PREFIX, batch.questions))
    passages = _vectors(model, cutter, _prefixed(PASSAGE_PREFIX, batch.passages))
    logits = questions @ passages.T / plan.temperature
    excused = torch.from_numpy(batch.excused()).to(logits.device)
    right = torch.arange(len(batch.questions), device=logits.device)
    return torch.nn.functional.cross_entropy(logits.masked_fill(excused, MASKED), right)


def _vectors(model: BertModel, cutter: Tokenizer, texts: Sequence[str]) -> Tensor:
    cut = cutter.encode_batch(list(texts))
    ids = torch.tensor([text.ids for text in cut], device=model.device)
    mask = torch.tensor([text.attention_mask for text in cut], device=model.device)
    states = model(input_ids=ids, attention_mask=mask).last_hidden_state
    weight = mask.unsqueeze(-1).to(states.dtype)
    return torch.nn.functional.normalize((states * weight).sum(1) / weight.sum(1), dim=-1)


def _prefixed(prefix: str, rows: Sequence[Row]) -> list[str]:
    return [prefix + row.text for row in rows]


def _cutter(tokenizer: Tokenizer, *, longest: int) -> Tokenizer:
    copy = Tokenizer.from_str(tokenizer.to_str())
    copy.enable_truncation(longest)
    copy.enable_padding(pad_id=PAD_ID, pad_token=PAD)
    return copy


def _slope(plan: Plan) -> Callable[[int], float]:
    """Share of the full rate at a step: a straight rise, then a straight fall to zero."""
    warm = max(1, round(plan.steps * plan.warm_share))

    def share(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return max(0.0, (plan.steps - step) / max(1, plan.steps - warm))

    return share
