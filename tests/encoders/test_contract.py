"""What holds for every encoder of every type, whatever it computes."""

import importlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from omegaconf import OmegaConf
from torch import Tensor

from recsys.compose import CONF
from recsys.encoders import Encoder, State

SEQUENCES = [[-1, 2, 5], [-1, -1, -1], [2, 99, 3], [-1, 2, 5]]
VALUES: dict[str, tuple[pl.Series, pl.Series]] = {
    "id": (pl.Series(["u1", "u2", "u3", None]), pl.Series(["u2", None, "unseen", "u2"])),
    "category": (pl.Series([3, 5, 8, None]), pl.Series([5, None, 99, 5])),
    "categories": (pl.Series([["a"], ["b", "c"], None]), pl.Series([["c"], None, ["unseen"], ["c"]])),
    "number": (pl.Series([1.0, 2.5, 7.0, None]), pl.Series([2.5, None, 1e4, 2.5])),
    "time": (pl.Series([10**9, 1_700_000_000, None]), pl.Series([10**9, None, 2_000_000_000, 10**9])),
    "flag": (pl.Series([True, False, None]), pl.Series([True, None, False, True])),
    "text": (
        pl.Series(["a red car", "a blue car", "Red bus!", None]),
        pl.Series(["red car", None, "green tram", "red car"]),
    ),
    "geo": (
        pl.Series([[52.5, 13.4], [48.1, 11.6], None]),
        pl.Series([[52.5, 13.4], None, [-33.9, 151.2], [52.5, 13.4]]),
    ),
    "sequence": (pl.Series([2, 3, 5]), pl.Series(SEQUENCES)),
}
"""By type, training values, and others: a known one, a missing one, an unseen one, the known one again."""

FILES = [f for f in sorted((CONF / "encoders").glob("*/*.yaml")) if f.stem not in ("drop", "sentence")]
"""What a sentence encoder does is in test_sentence.py, where its package is installed."""

each = pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}={f.stem}")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vectors that encoders read."""
    monkeypatch.chdir(tmp_path)
    np.save("vectors.npy", np.arange(8.0).reshape(4, 2) + 1)
    Path("ids.txt").write_text("u1\nu2\n3\n5\n")


GIVEN: dict[str, dict[str, Any]] = {
    "precomputed": {"path": "vectors.npy", "ids": "ids.txt"},
    "pretrained": {
        "path": "vectors.npy",
        "ids": "ids.txt",
        "module": "torch.nn.Linear",
        "arguments": {"in_features": 2, "out_features": 3},
    },
}


def made(file: Path) -> tuple[Encoder, State, pl.Series]:
    config: dict[str, Any] = OmegaConf.to_container(OmegaConf.load(file))  # type: ignore[assignment]
    module, _, target = config.pop("_target_").rpartition(".")
    arguments = {**config, **GIVEN.get(file.stem, {})}
    encoder = getattr(importlib.import_module(module), target)(**arguments)
    train, other = VALUES[file.parent.name]
    return encoder, encoder.fit(train), other


def encode(encoder: Encoder, values: pl.Series, state: State) -> Tensor:
    """A sequence is read as it is."""
    if "sequence" in encoder.accepts:
        return torch.tensor(values.to_list())
    return encoder.encode(values, state)


def vectors(encoder: Encoder, state: State, values: pl.Series) -> Tensor:
    torch.manual_seed(0)
    return encoder.module(state, 6).eval()(encode(encoder, values, state))


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
    encoded = encode(encoder, other, loaded["state"])
    assert torch.equal(encoded, encode(encoder, other, state))
    assert torch.equal(again(encoded), module(encode(encoder, other, state)))


@each
def test_a_value_is_encoded_by_itself_the_same_at_any_place(file: Path) -> None:
    encoder, state, other = made(file)
    whole = vectors(encoder, state, other)
    # Not to the last bit: of some processors the rows of one product of matrices differ by their place in it.
    assert torch.allclose(whole[0], whole[3], atol=1e-6)
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
    module, encoded = encoder.module(state, 6).eval(), encode(encoder, other, state)
    flat = module(encoded)
    assert flat.shape == (4, module.width)
    assert torch.allclose(module(encoded.view(2, 2, *encoded.shape[1:])).view(4, -1), flat, atol=1e-6)


@each
def test_every_parameter_has_a_gradient(file: Path) -> None:
    encoder, state, other = made(file)
    torch.manual_seed(0)
    module = encoder.module(state, 6)
    total = module(encode(encoder, other, state)).square().sum()
    assert total.requires_grad == bool(list(module.parameters()))
    if total.requires_grad:
        total.backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert bool(parameter.grad.isfinite().all()), name
