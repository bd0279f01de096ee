"""Independent source: Ioffe and Szegedy 2015, sec. 3.2: a normalised layer's bias is without effect."""

from collections.abc import Callable

import pytest
from torch import Tensor, nn

from recsys.model.autoint import AutoInt
from recsys.model.dcn_v2 import DCNv2
from recsys.model.deepfm import DeepFM
from recsys.model.wide_deep import WideDeep
from recsys.types import Schema, Slate

MODELS = [DeepFM, WideDeep, DCNv2, AutoInt]


def biases(model: nn.Module) -> list[Tensor]:
    """The gradients of the biases of the hidden layers, the first to the last."""
    assert isinstance(model.deep, nn.Module)
    layers = [layer for layer in model.deep.modules() if isinstance(layer, nn.Linear)]
    return [layer.bias.grad for layer in layers if layer.bias is not None and layer.bias.grad is not None]


@pytest.mark.parametrize("class_", MODELS)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_every_hidden_layer_is_normalised_where_asked_for(
    class_: Callable[..., nn.Module], batch_norm: bool, schema: Schema, slate: Slate
) -> None:
    model = class_(schema, hidden=(16, 12, 10), batch_norm=batch_norm)
    model(slate).square().sum().backward()
    sizes = [float(gradient.abs().max()) for gradient in biases(model)]
    assert len(sizes) == 3
    assert all(size < 1e-4 for size in sizes) if batch_norm else all(size > 1e-3 for size in sizes)
