"""
Teaches a low-rank adapter of a local model: `python train.py ORDER.json`. The contract is told in
trainers/README.md: progress lines on stdout; SIGTERM, and an end of stdin, write a checkpoint and stop.
"""

import hashlib
import json
import math
import os
import random
import signal
import sys
import threading
import time

# The base lies on this disk; nothing is asked of anybody.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import torch  # noqa: E402
from torch.nn import functional  # noqa: E402

from base_model import UnknownBase, load_base  # noqa: E402
from checkpoints import Checkpoints  # noqa: E402
from gguf_adapter import write_adapter  # noqa: E402
from low_rank import adapt  # noqa: E402
from packing import BadRow, mask_of, packs_of, read_rows  # noqa: E402

SETTINGS = {
    "rank": 16,
    "alpha": 32,
    # Each row is learned so often, in at least so many steps of so many rows.
    "rounds": 3,
    "leastSteps": 120,
    "batchRows": 32,
    "learningRate": 0.001,
    "checkpointSeconds": 60,
}
# Places of one sequence: beyond it the mask, which grows with the square, costs more than it saves.
PACK_TOKENS = 1024
WARMUP = 0.03
SILENCE_SECONDS = 60


class BadOrder(Exception):
    pass


class Stopped(Exception):
    pass


def say(**line):
    print(json.dumps(line), flush=True)


def settings_of(order: dict) -> dict:
    if order["contract"] != 1:
        raise BadOrder(f"the order is of contract {order['contract']}; this trainer knows 1")
    unknown = sorted(order["settings"].keys() - SETTINGS.keys())
    if unknown:
        known = ", ".join(sorted(SETTINGS))
        raise BadOrder(f"there is no setting {', '.join(unknown)}; known are {known}")
    for name, value in order["settings"].items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
            raise BadOrder(f"the setting {name} is {value!r}; give a number above 0")
        if isinstance(SETTINGS[name], int) and not isinstance(value, int):
            raise BadOrder(f"the setting {name} is {value!r}; give a whole number")
    return {**SETTINGS, **order["settings"]}


def stop_signs() -> threading.Event:
    """Set by SIGTERM, and when whoever gave the order is gone: then stdin ends."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())

    def watch():
        while sys.stdin.buffer.raw.read(1024):
            pass
        stopping.set()

    threading.Thread(target=watch, daemon=True).start()
    return stopping


def batches(rows, size: int, seed: int):
    """Every row once in each round, in an order that the seed gives; endless."""
    number = 0
    while True:
        order = list(range(len(rows)))
        random.Random(f"{seed}:{number}").shuffle(order)
        for at in range(0, len(order), size):
            yield [rows[place] for place in order[at : at + size]]
        number += 1


def learn(model, rows, tell) -> float:
    """Adds the gradients of a batch, and tells after each part; the mean loss of a token of the answers."""
    device = model.lm_head.weight.device
    packs = packs_of(rows, PACK_TOKENS)
    count = sum(len(pack.targets) for pack in packs)
    total = 0.0
    for pack in packs:
        mask = mask_of(pack.segments.to(device), model.dtype)
        hidden = model.model(
            input_ids=pack.tokens.to(device),
            position_ids=pack.positions.to(device),
            attention_mask=mask,
            use_cache=False,
        ).last_hidden_state
        # The table of words is the widest layer: it is asked only where an answer is learned.
        logits = model.lm_head(hidden[0, pack.sources.to(device)]).float()
        loss = functional.cross_entropy(logits, pack.targets.to(device), reduction="sum") / count
        loss.backward()
        total += loss.item()
        tell()
    return total


def take_steps(model, rows, adapted, checkpoints, order, settings, stopping) -> tuple[int, float]:
    """(steps, last loss). Raises Stopped after a checkpoint."""
    parameters = [part for layer in adapted.values() for part in (layer.a, layer.b)]
    optimizer = torch.optim.AdamW(parameters, lr=settings["learningRate"], weight_decay=0.0)
    step, seconds = checkpoints.resume(adapted, optimizer)
    size = settings["batchRows"]
    steps = max(settings["leastSteps"], math.ceil(settings["rounds"] * len(rows) / size))
    limit = order["limits"]["minutes"] * 60
    began = time.monotonic() - seconds
    saved = time.monotonic()
    feed = batches(rows, size, order["seed"])
    for _ in range(step):
        next(feed)
    loss = math.nan
    told = time.monotonic()

    def tell():
        # A step of a large base may take longer than a trainer may be silent.
        nonlocal told
        if time.monotonic() - told > SILENCE_SECONDS:
            say(type="progress", step=step, steps=steps)
            told = time.monotonic()

    while step < steps:
        # Where time runs out before the steps, the rate still comes down to 0.
        share = max(step / steps, (time.monotonic() - began) / limit)
        if share >= 1:
            break
        rate = min(1.0, (step + 1) / max(1, WARMUP * steps)) * (1 - share)
        for group in optimizer.param_groups:
            group["lr"] = settings["learningRate"] * rate
        loss = learn(model, next(feed), tell)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        say(type="progress", step=step, steps=steps, loss=round(loss, 4))
        # Also after the last step: who is killed while the adapter is written has lost nothing.
        is_due = step == steps or time.monotonic() - saved > settings["checkpointSeconds"]
        if stopping.is_set() or is_due:
            checkpoints.write(step, time.monotonic() - began, adapted, optimizer)
            saved = time.monotonic()
        if stopping.is_set():
            raise Stopped
    return step, loss


def train(order: dict):
    settings = settings_of(order)
    stopping = stop_signs()
    torch.manual_seed(order["seed"])
    torch.set_num_threads(order["limits"]["threads"])
    device = "cuda" if torch.cuda.is_available() else "cpu"
    say(type="log", text=f"reads the base on {device}")
    model, tokenizer, architecture = load_base(order["base"]["path"], device)
    most = order["limits"]["tokens"]
    rows, long = read_rows(order["data"]["path"], tokenizer, most)
    if long > 0:
        say(type="log", text=f"{long} rows have more than {most} tokens: they are left out")
    adapted = adapt(model, settings["rank"], settings["alpha"], order["seed"])
    checkpoints = Checkpoints(order, settings, say)
    steps, loss = take_steps(model, rows, adapted, checkpoints, order, settings, stopping)
    config = model.config
    path = os.path.join(order["folder"], "adapter.gguf")
    heads = (config.num_attention_heads, config.num_key_value_heads)
    base = order["base"]["sha256"]
    write_adapter(path, adapted, architecture, base, *heads, settings["alpha"])
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    write_result(order["folder"], sha256=digest, steps=steps, loss=loss)


def write_result(folder: str, sha256: str, steps: int, loss: float):
    path = os.path.join(folder, "result.json")
    told = {} if math.isnan(loss) else {"loss": round(loss, 4)}
    with open(path + ".partial", "w", encoding="utf-8") as file:
        json.dump({"sha256": sha256, "steps": steps, **told}, file)
    os.replace(path + ".partial", path)


def main() -> int:
    try:
        with open(sys.argv[1], encoding="utf-8") as file:
            train(json.load(file))
        return 0
    except Stopped:
        return 143
    except (BadOrder, BadRow, UnknownBase, OSError, MemoryError, torch.OutOfMemoryError) as error:
        say(type="failed", message=f"{error}" or type(error).__name__)
        return 1


if __name__ == "__main__":
    sys.exit(main())
