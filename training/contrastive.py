"""Contrastive training of the float32 encoder; needs torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor
from transformers import BertModel

from knowledge.rows import Row
from training.batches import Batch
from training.folder import PASSAGE_PREFIX, QUERY_PREFIX
from training.tokenizer import PAD
from training.weights import PAD_ID

RUN = 16  # texts at once
MASKED = -1e4  # logit of a text that neither answers the question nor misses it


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
    torch.nn.Module.to(model, plan.device)  # BertModel.to is typed wrongly
    model.train()
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
    torch.nn.Module.to(model, "cpu")
    model.train(mode=False)


def _loss(model: BertModel, cutter: Tokenizer, batch: Batch, plan: Plan) -> Tensor:
    """Cross-entropy of picking text i for question i among all texts of the batch."""
    questions = _vectors(model, cutter, _prefixed(batch.questions))
    texts = _vectors(model, cutter, _prefixed(batch.texts))
    logits = questions @ texts.T / plan.temperature
    excused = torch.from_numpy(batch.excused()).to(logits.device)
    right = torch.arange(len(batch.questions), device=logits.device)
    return torch.nn.functional.cross_entropy(logits.masked_fill(excused, MASKED), right)


def _vectors(model: BertModel, cutter: Tokenizer, texts: Sequence[str]) -> Tensor:
    """Unit vectors of `texts`, in their order; those of like length run together, to pad little."""
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    runs = [order[start : start + RUN] for start in range(0, len(order), RUN)]
    rows = torch.cat([_run(model, cutter.encode_batch([texts[number] for number in run])) for run in runs])
    return rows[torch.tensor(order, device=rows.device).argsort()]


def _run(model: BertModel, cut: Sequence[Encoding]) -> Tensor:
    ids = torch.tensor([text.ids for text in cut], device=model.device)
    mask = torch.tensor([text.attention_mask for text in cut], device=model.device)
    states = model(input_ids=ids, attention_mask=mask).last_hidden_state
    weight = mask.unsqueeze(-1).to(states.dtype)
    return torch.nn.functional.normalize((states * weight).sum(1) / weight.sum(1), dim=-1)


def _prefixed(rows: Sequence[Row]) -> list[str]:
    # As in the index: wordings are queries on both sides, only what we say is a passage.
    return [(PASSAGE_PREFIX if row.kind.is_answer else QUERY_PREFIX) + row.text for row in rows]


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
