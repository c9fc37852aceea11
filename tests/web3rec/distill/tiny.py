"""Models of a few thousand random weights, made here: nothing is downloaded.

Bytes are the tokens, so every text can be read. The causal model has a bias towards the 20 letters,
as one that was taught to answer with a letter: which letter is for its random weights to say.
Import it after `pytest.importorskip`.
"""

from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    BertConfig,
    BertModel,
    PhiConfig,
    PhiForCausalLM,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging

BYTES = 256
LETTERS = "ABCDEFGHIJKLMNOPQRST"
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
NO_SYSTEM = "{{ raise_exception('no system') if messages[0]['role'] == 'system' }}" + TEMPLATE


def tokenizer(template: str | None = TEMPLATE) -> Any:
    """One token a byte, and the marks of a conversation."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    plain = Tokenizer(models.BPE(vocab={c: n for n, c in enumerate(alphabet)}, merges=[]))
    plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    plain.decoder = decoders.ByteLevel()
    marks = ["<pad>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
    plain.add_special_tokens([AddedToken(mark, normalized=False) for mark in marks])
    found = PreTrainedTokenizerFast(tokenizer_object=plain, pad_token="<pad>")  # noqa: S106
    found.chat_template = template
    return found


def causal(
    folder: Path, *, seed: int = 0, template: str | None = TEMPLATE, reach: int = 4096
) -> Path:
    """A model of two layers in a folder, as `save_pretrained` writes it."""
    words = tokenizer(template)
    torch.manual_seed(seed)
    model = PhiForCausalLM(
        PhiConfig(
            vocab_size=len(words),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=reach,
            initializer_range=0.4,
        )
    )
    with torch.no_grad():
        for letter in LETTERS:
            model.lm_head.bias[words.convert_tokens_to_ids(letter)] = 12.0
    return _saved(folder, model, words)


def encoder(folder: Path, *, seed: int = 0) -> Path:
    """A sentence encoder of two layers in a folder."""
    words = tokenizer(None)
    torch.manual_seed(seed)
    model = BertModel(
        BertConfig(
            vocab_size=len(words),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=256,
            initializer_range=0.4,
        )
    )
    return _saved(folder, model, words)


def _saved(folder: Path, model: Any, words: Any) -> Path:
    logging.disable_progress_bar()
    folder.mkdir(parents=True, exist_ok=True)
    model.eval()
    model.save_pretrained(folder, safe_serialization=True)
    words.save_pretrained(folder)
    return folder
