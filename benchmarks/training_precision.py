"""Seconds of a training step in 32 bits and in bf16-mixed, for mf and deepfm.

    python benchmarks/training_precision.py [--steps 30]

Invented ids: 20 fields of 1,000 values with deepfm (dim 16, MLP 256-128), two of 50,000 with mf (dim 64);
batches of 4,096 rows, BCE, fused Adam; milliseconds, the median after three steps that warm up, one thread.
Each is run twice in turn and the second run counts: the first of a process pays for fresh memory.
"""

import argparse
import contextlib
import time
from statistics import median

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from recsys.encoders.embedding import Embedding
from recsys.model import Model
from recsys.model.deepfm import DeepFM
from recsys.model.mf import MF
from recsys.types import Field, Schema, Slate

BATCH = 4096


def schema(entities: int, fields: int, values: int) -> Schema:
    """As many id columns on each side as said, the first the entity's own."""
    made = []
    for side in ("user", "item"):
        for number in range(fields):
            state = {"values": range(values)}
            table = torch.arange(entities) % values + 1
            type_ = "id" if number == 0 else "category"
            made.append(
                Field(f"{side}{number}", side, type_, table, lambda dim, s=state: Embedding().module(s, dim))
            )
    return Schema(entities, entities, tuple(made))


def step_ms(model: Model, entities: int, steps: int, *, mixed: bool) -> float:
    """The median of the steps, in milliseconds."""
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    generator, times = torch.Generator().manual_seed(0), []
    for _ in range(steps + 3):
        user, item = torch.randint(0, entities, (2, BATCH), generator=generator)
        labels = torch.randint(0, 2, (BATCH, 1), generator=generator).float()
        slate = Slate(user, item[:, None], labels, torch.ones_like(labels, dtype=torch.bool))
        start = time.perf_counter()
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16) if mixed else contextlib.nullcontext():
            loss = binary_cross_entropy_with_logits(model(slate), labels)
        loss.backward()
        optimizer.step()
        times.append(1000 * (time.perf_counter() - start))
    return median(times[3:])


def main() -> None:
    """Print a line a model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=30)
    steps = parser.parse_args().steps
    torch.set_num_threads(1)
    problems: dict[str, tuple[int, int, int]] = {"mf": (50_000, 1, 50_000), "deepfm": (50_000, 10, 1000)}
    for name, (entities, fields, values) in problems.items():
        took = []
        for mixed in (False, True, False, True):
            torch.manual_seed(0)
            given = schema(entities, fields, values)
            model: nn.Module = MF(given) if name == "mf" else DeepFM(given, hidden=[256, 128])
            took.append(step_ms(model, entities, steps, mixed=mixed))  # type: ignore[arg-type]
        print(f"{name:<8} 32-true {took[2]:7.1f} ms   bf16-mixed {took[3]:7.1f} ms a step", flush=True)


if __name__ == "__main__":
    main()
