"""Rows as tokens, and many rows as one sequence without padding."""

import json
from dataclasses import dataclass

import torch
from jinja2 import TemplateError

# Splits the text of a control token inside a message, as src/workers/llama-prompt.ts does, so that a
# row's `<|im_start|>` is learned as the letters that it is.
SPLIT = "\ufdd0"


@dataclass(frozen=True)
class Row:
    tokens: list[int]
    # Where the answer begins; its tokens and nothing else are learned.
    answer: int


@dataclass(frozen=True)
class Pack:
    tokens: torch.Tensor  # 1 × n
    positions: torch.Tensor  # 1 × n
    segments: torch.Tensor  # n; 0 = the beginning that all rows share
    sources: torch.Tensor  # places whose next token is learned
    targets: torch.Tensor


class BadRow(Exception):
    pass


def read_rows(path: str, tokenizer, most_tokens: int) -> tuple[list[Row], int]:
    """
    Each line {"messages": [...]}, the last of them the answer; and how many were longer than
    most_tokens and left out. Raises BadRow.
    """
    controls = sorted((text for text in tokenizer.all_special_tokens), key=len, reverse=True)
    rows = []
    long = 0
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            messages = [
                {**message, "content": defused(message["content"], controls)}
                for message in json.loads(line)["messages"]
            ]
            try:
                prompt = tokenizer.apply_chat_template(
                    messages[:-1], tokenize=False, add_generation_prompt=True
                )
            except TemplateError as error:
                raise BadRow(f"row {number} is refused by the base's template: {error}") from error
            tokens = tokens_of(prompt, tokenizer)
            answer = len(tokens)
            tokens = tokens + tokens_of(messages[-1]["content"], tokenizer)
            tokens.append(tokenizer.eos_token_id)
            if len(tokens) > most_tokens:
                long += 1
            else:
                rows.append(Row(tokens, answer))
    if not rows:
        raise BadRow(f"all {long} rows have more than {most_tokens} tokens")
    return rows, long


def defused(text: str, controls: list[str]) -> str:
    text = text.replace(SPLIT, "")
    for control in controls:
        text = text.replace(control, control[0] + SPLIT + control[1:])
    return text


def tokens_of(text: str, tokenizer) -> list[int]:
    pieces = text.split(SPLIT)
    return [
        token
        for piece in pieces
        for token in tokenizer(piece, add_special_tokens=False)["input_ids"]
    ]


def packs_of(rows: list[Row], most_tokens: int) -> list[Pack]:
    """The rows as few sequences, none longer than most_tokens unless one row is."""
    groups: list[list[Row]] = []
    room = 0
    for row in sorted(rows, key=lambda one: len(one.tokens)):
        if not groups or len(row.tokens) > room:
            groups.append([])
            room = most_tokens
        groups[-1].append(row)
        room -= len(row.tokens)
    return [pack_of(group) for group in groups]


def pack_of(rows: list[Row]) -> Pack:
    """
    What all rows begin with is read once; each row sees that and itself (`mask_of`), at its own
    positions: the same sums as row by row, without a padded place.
    """
    # The last token of each prompt stays with its row: what follows it differs.
    shared = min(row.answer for row in rows) - 1
    first = rows[0].tokens
    for row in rows:
        same = 0
        while same < shared and row.tokens[same] == first[same]:
            same += 1
        shared = same
    tokens = list(first[:shared])
    positions = list(range(shared))
    segments = [0] * shared
    sources: list[int] = []
    targets: list[int] = []
    for segment, row in enumerate(rows, 1):
        at = len(tokens) - shared
        # The last token of a row only ends it: nothing is learned from what would follow.
        tokens += row.tokens[shared:-1]
        positions += range(shared, len(row.tokens) - 1)
        segments += [segment] * (len(row.tokens) - 1 - shared)
        sources += [at + place for place in range(row.answer - 1, len(row.tokens) - 1)]
        targets += row.tokens[row.answer :]
    return Pack(
        torch.tensor([tokens]),
        torch.tensor([positions]),
        torch.tensor(segments),
        torch.tensor(sources),
        torch.tensor(targets),
    )


def mask_of(segments: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """1 × 1 × n × n, 0 where a place is seen and -inf where not."""
    same = segments[:, None] == segments[None, :]
    seen = torch.tril(same | (segments == 0)[None, :])
    mask = torch.zeros(seen.shape, dtype=dtype, device=segments.device)
    return mask.masked_fill(~seen, float("-inf"))[None, None]
