"""Low-rank adaptation of the linear layers of a frozen model (Hu et al. 2021, section 4)."""

import math

import torch
from torch import nn
from torch.nn import functional

# Names of the layers of a block in transformers and in GGUF files (gguf-py, tensor_mapping.py).
LAYERS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


class LowRankLinear(nn.Module):
    """y = W x + alpha / rank · B A x; only A (rank × in) and B (out × rank) learn; B begins at 0."""

    def __init__(self, base: nn.Linear, rank: int, alpha: float, generator: torch.Generator):
        super().__init__()
        self.base = base
        self.scale = alpha / rank
        bound = 1 / math.sqrt(base.in_features)
        a = torch.rand(rank, base.in_features, generator=generator) * 2 * bound - bound
        device = base.weight.device
        self.a = nn.Parameter(a.to(device))
        self.b = nn.Parameter(torch.zeros(base.out_features, rank, device=device))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        low = functional.linear(x, self.a.to(x.dtype))
        return self.base(x) + functional.linear(low, self.b.to(x.dtype)) * self.scale


def adapt(model: nn.Module, rank: int, alpha: float, seed: int) -> dict[str, LowRankLinear]:
    """Freezes the model and puts an adapted layer in the place of each of LAYERS; by GGUF name."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    adapted = {}
    for number, block in enumerate(model.model.layers):
        for path, name in LAYERS.items():
            parent_name, leaf = path.split(".")
            parent = getattr(block, parent_name)
            layer = LowRankLinear(getattr(parent, leaf), rank, alpha, generator)
            setattr(parent, leaf, layer)
            adapted[f"blk.{number}.{name}.weight"] = layer
    return adapted
