"""The base: the very file that the farm serves, its weights dequantised."""

import os

import gguf
import torch
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

ARCHITECTURES = {"llama", "qwen2"}
# What the engine does with a text before its bytes are paired (llama.cpp, llama-vocab.cpp), by
# `tokenizer.ggml.pre`. Of these the tokenizer that transformers makes of the file does the same, but
# for the digits: with another way of cutting the adapter would learn words that are never asked.
CUTS = {"smollm", "qwen2"}
DIGITS_APART = {"smollm"}


class UnknownBase(Exception):
    pass


def text_of(reader: gguf.GGUFReader, key: str) -> str | None:
    field = reader.get_field(key)
    return None if field is None else field.contents()


def require(what: str, found: str | None, known: set[str]) -> str:
    if found in known:
        return found
    raise UnknownBase(f"the base has the {what} {found}; known are {', '.join(sorted(known))}")


def load_tokenizer(path: str):
    """(tokenizer, architecture), the tokenizer as the engine's. Raises UnknownBase, OSError, ValueError."""
    reader = gguf.GGUFReader(path)
    architecture = require("architecture", text_of(reader, "general.architecture"), ARCHITECTURES)
    cut = require("tokenizer", text_of(reader, "tokenizer.ggml.pre"), CUTS)
    folder, name = os.path.split(path)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    if tokenizer.chat_template is None:
        raise UnknownBase("the base has no chat template")
    if cut in DIGITS_APART:
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
            ]
        )
    return tokenizer, architecture


def load_base(path: str, device: str):
    """(model, tokenizer, architecture). Raises as load_tokenizer."""
    tokenizer, architecture = load_tokenizer(path)
    folder, name = os.path.split(path)
    model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=name, dtype=torch.bfloat16, attn_implementation="sdpa"
    )
    return model.to(device), tokenizer, architecture
