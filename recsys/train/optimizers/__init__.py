"""How parameters follow their gradients: torch's optimizers and ours, each named in conf/optimizer."""

import torch
from torch import nn

from recsys.build import Recipe
from recsys.train.groups import groups


def over(module: nn.Module, recipe: Recipe, decay: float | None) -> torch.optim.Optimizer:
    """The optimizer of a module's parameters; one that `takes_sparse` gradients gets them from embeddings.

    Args:
        decay: weight decay of embedding tables; None where it is that of all parameters.
    """
    sparse = bool(getattr(recipe.target, "takes_sparse", False))
    if sparse:
        for part in module.modules():
            if isinstance(part, nn.Embedding):
                part.sparse = True
    return recipe.over(groups(module, decay, apart=sparse))
