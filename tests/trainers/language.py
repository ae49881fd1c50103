"""A small language model, its tokenizer and its texts, made here: nothing is downloaded."""

from __future__ import annotations

from typing import Any

from datasets import Dataset
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

TEXTS = ["the cat sat on a mat", "a dog ran"]
WORDS = ("<pad>", "<eos>", "<unk>", *sorted({word for text in TEXTS for word in text.split()}))


def tokenizer() -> PreTrainedTokenizerFast:
    words = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )


def model() -> LlamaForCausalLM:
    """The same model every time."""
    set_seed(0)
    config: Any = LlamaConfig(
        vocab_size=len(WORDS),
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=16,
    )
    return LlamaForCausalLM(config)


def texts(count: int) -> Dataset:
    return Dataset.from_dict({"text": [TEXTS[i % len(TEXTS)] for i in range(count)]})
