"""Writes the learned layers as a GGUF adapter, in the layout that llama.cpp reads."""

import os

import gguf
import numpy as np

# Bases whose file keeps the rows of q and k in the engine's order (convert_hf_to_gguf.py, `permute`).
PERMUTED = {"llama"}


def write_adapter(
    path: str, adapted, architecture: str, base: str, heads: int, key_heads: int, alpha: float
):
    """Whole or not at all. `base` is the SHA-256 of its file, which the farm compares."""
    partial = path + ".partial"
    writer = gguf.GGUFWriter(partial, architecture)
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", alpha)
    writer.add_string("cadre.base.sha256", base)
    for name, layer in adapted.items():
        a = layer.a.detach().float().cpu().numpy()
        b = layer.b.detach().float().cpu().numpy()
        if architecture in PERMUTED and "attn_q" in name:
            b = permuted(b, heads)
        if architecture in PERMUTED and "attn_k" in name:
            b = permuted(b, key_heads)
        writer.add_tensor(name + ".lora_a", a.astype(np.float16))
        writer.add_tensor(name + ".lora_b", b.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with open(partial, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(partial, path)


def permuted(rows: np.ndarray, heads: int) -> np.ndarray:
    """Rotary pairs side by side instead of half a head apart (convert_hf_to_gguf.py)."""
    halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, rows.shape[1])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(rows.shape))
