"""The encoder as a float32 folder that transformers and sentence-transformers open; needs torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from training import weights as names
from training.e5_binary import Floats
from training.errors import TrainingError
from training.graph import Recipe
from training.tokenizer import BOS, EOS, PAD, UNKNOWN
from training.weights import Weights

_MODULES: list[dict[str, object]] = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]


def save(
    weights: Weights, recipe: Recipe, tokenizer: Tokenizer, folder: Path, *, head: Floats | None = None
) -> None:
    """Write `folder` as a sentence-transformers model: BERT, mean pooling, the head if any, L2 norm."""
    model = bert(weights, recipe)
    model.save_pretrained(str(folder))
    _hugging_tokenizer(tokenizer, model.config).save_pretrained(str(folder))
    pooling = {"word_embedding_dimension": model.config.hidden_size, "pooling_mode_mean_tokens": True}
    for name, values in {
        "modules.json": _MODULES if head is None else _with_head(folder, head),
        "sentence_bert_config.json": {"max_seq_length": model.config.max_position_embeddings},
        "1_Pooling/config.json": pooling,
        "2_Normalize/config.json": {},
    }.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(values, indent=2), encoding="utf-8")


def _with_head(folder: Path, head: Floats) -> list[dict[str, object]]:
    """The list of modules with the head, which is written below `folder`."""
    path = folder / "3_Dense"
    path.mkdir(exist_ok=True)
    save_file({"linear.weight": torch.from_numpy(np.ascontiguousarray(head.T))}, path / "model.safetensors")
    settings = {
        "in_features": head.shape[0],
        "out_features": head.shape[1],
        "bias": False,
        "activation_function": "torch.nn.modules.linear.Identity",
    }
    (path / "config.json").write_text(json.dumps(settings, indent=2), encoding="utf-8")
    dense = {"idx": 2, "name": "2", "path": "3_Dense", "type": "sentence_transformers.models.Dense"}
    return [*_MODULES[:2], dense, {**_MODULES[2], "idx": 3, "name": "3"}]


def load(folder: Path) -> tuple[Weights, Recipe, Tokenizer]:
    """What `save` wrote. Raises TrainingError if `folder` is not such a checkpoint."""
    try:
        model = BertModel.from_pretrained(str(folder), add_pooling_layer=False)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # transformers and tokenizers share no base
        raise TrainingError(f"{folder}: not a checkpoint ({error}); make one with --torch-out") from error
    return weights_of(model), recipe_of(model), _plain(tokenizer)


def bert(weights: Weights, recipe: Recipe) -> BertModel:
    """A BertModel with these weights, float32, in evaluation mode."""
    model = BertModel(_config(weights, recipe), add_pooling_layer=False)
    state = {name: torch.from_numpy(np.array(values)) for name, values in weights.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    if missing or unexpected:
        raise TrainingError(f"weights do not fit BERT: missing {missing}, unexpected {unexpected}")
    model.train(mode=False)
    return model


def weights_of(model: BertModel) -> dict[str, Floats]:
    """The model's weights by name, as copies."""
    return {name: values.detach().numpy().copy() for name, values in model.state_dict().items()}


def recipe_of(model: BertModel) -> Recipe:
    """What the weights alone do not say."""
    config = model.config
    return Recipe(heads=config.num_attention_heads, norm_epsilon=config.layer_norm_eps)


def _config(weights: Weights, recipe: Recipe) -> BertConfig:
    words = weights[names.WORDS]
    feed_forward = weights[f"{names.layer(0, names.FEED_IN)}.bias"]
    return BertConfig(
        vocab_size=words.shape[0],
        hidden_size=words.shape[1],
        num_hidden_layers=names.layer_count(weights),
        num_attention_heads=recipe.heads,
        intermediate_size=len(feed_forward),
        max_position_embeddings=len(weights[names.POSITIONS]),
        type_vocab_size=len(weights[names.TYPES]),
        layer_norm_eps=recipe.norm_epsilon,
        pad_token_id=names.PAD_ID,
        hidden_act="gelu",
    )


def _hugging_tokenizer(tokenizer: Tokenizer, config: BertConfig) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=_plain(tokenizer),
        bos_token=BOS,
        eos_token=EOS,
        cls_token=BOS,
        sep_token=EOS,
        pad_token=PAD,
        unk_token=UNKNOWN,
        model_max_length=config.max_position_embeddings,
    )


def _plain(tokenizer: Tokenizer) -> Tokenizer:
    """A copy without the cutting and padding that libraries leave switched on."""
    copy = Tokenizer.from_str(tokenizer.to_str())
    copy.no_truncation()
    copy.no_padding()
    return copy
