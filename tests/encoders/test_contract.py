"""What holds for every encoder of ids, categories, lists, numbers, times and flags, whatever it computes."""

import importlib
import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from omegaconf import OmegaConf
from torch import Tensor

from recsys.compose import CONF
from recsys.encoders import Encoder, State

VALUES: dict[str, tuple[pl.Series, pl.Series]] = {
    "id": (pl.Series(["u1", "u2", "u3", None]), pl.Series(["u2", None, "unseen", "u2"])),
    "category": (pl.Series([3, 5, 8, None]), pl.Series([5, None, 99, 5])),
    "categories": (pl.Series([["a"], ["b", "c"], None]), pl.Series([["c"], None, ["unseen"], ["c"]])),
    "number": (pl.Series([1.0, 2.5, 7.0, None]), pl.Series([2.5, None, 1e4, 2.5])),
    "time": (pl.Series([10**9, 1_700_000_000, None]), pl.Series([10**9, None, 2_000_000_000, 10**9])),
    "flag": (pl.Series([True, False, None]), pl.Series([True, None, False, True])),
}
"""By type, training values, and others: a known one, a missing one, an unseen one, the known one again."""

FILES = [
    f for f in sorted((CONF / "encoders").glob("*/*.yaml")) if f.parent.name in VALUES and f.stem != "drop"
]
each = pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}={f.stem}")


def made(file: Path) -> tuple[Encoder, State, pl.Series]:
    config: dict[str, Any] = OmegaConf.to_container(OmegaConf.load(file))  # type: ignore[assignment]
    module, _, target = config.pop("_target_").rpartition(".")
    encoder = getattr(importlib.import_module(module), target)(**config)
    train, other = VALUES[file.parent.name]
    return encoder, encoder.fit(train), other


def vectors(encoder: Encoder, state: State, values: pl.Series) -> Tensor:
    torch.manual_seed(0)
    return encoder.module(state, 6).eval()(encoder.encode(values, state))


@each
def test_a_type_is_accepted_where_its_config_lies(file: Path) -> None:
    assert file.parent.name in made(file)[0].accepts


@each
def test_a_state_and_weights_survive_a_checkpoint(file: Path) -> None:
    encoder, state, other = made(file)
    module = encoder.module(state, 6).eval()
    stored = io.BytesIO()
    torch.save({"state": state, "weights": module.state_dict()}, stored)
    stored.seek(0)
    loaded = torch.load(stored, weights_only=True)
    again = encoder.module(loaded["state"], 6).eval()
    again.load_state_dict(loaded["weights"])
    encoded = encoder.encode(other, loaded["state"])
    assert torch.equal(encoded, encoder.encode(other, state))
    assert torch.equal(again(encoded), module(encoder.encode(other, state)))


@each
def test_a_value_is_encoded_by_itself_the_same_at_any_place(file: Path) -> None:
    encoder, state, other = made(file)
    whole = vectors(encoder, state, other)
    assert torch.equal(whole[0], whole[3])
    for row in range(len(other)):
        alone = vectors(encoder, state, other[row : row + 1])
        assert torch.allclose(alone[0], whole[row], atol=1e-6)


@each
def test_a_missing_value_is_told_from_a_known_one(file: Path) -> None:
    encoder, state, other = made(file)
    known, missing = vectors(encoder, state, other)[:2]
    assert bool(known.isfinite().all())
    assert bool(missing.isfinite().all())
    assert not torch.allclose(known, missing)


@each
def test_vectors_have_the_width_that_is_told_for_any_leading_shape(file: Path) -> None:
    encoder, state, other = made(file)
    module, encoded = encoder.module(state, 6).eval(), encoder.encode(other, state)
    flat = module(encoded)
    assert flat.shape == (4, module.width)
    assert torch.allclose(module(encoded.view(2, 2, *encoded.shape[1:])).view(4, -1), flat, atol=1e-6)


@each
def test_every_parameter_has_a_gradient(file: Path) -> None:
    encoder, state, other = made(file)
    torch.manual_seed(0)
    module = encoder.module(state, 6)
    total = module(encoder.encode(other, state)).square().sum()
    assert total.requires_grad == bool(list(module.parameters()))
    if total.requires_grad:
        total.backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert bool(parameter.grad.isfinite().all()), name
