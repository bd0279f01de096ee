"""How parameters follow their gradients: torch's optimizers and ours, each named in conf/optimizer."""

import torch
from torch import nn

from recsys.recipes import Recipe
from recsys.train.groups import groups


def over(module: nn.Module, recipe: Recipe, decay: float | None) -> torch.optim.Optimizer:
    """The optimizer of a module's parameters.

    Args:
        decay: weight decay of embedding tables; None where it is that of all parameters.
    """
    return recipe.over(groups(module, decay, apart=takes_sparse(recipe)))


def takes_sparse(recipe: Recipe) -> bool:
    """Whether the optimizer wants sparse gradients of embeddings."""
    return bool(getattr(recipe.target, "takes_sparse", False))


def make_sparse(module: nn.Module, *, sparse: bool = True) -> None:
    """Let every embedding give sparse gradients, or not."""
    for part in module.modules():
        if isinstance(part, nn.Embedding):
            part.sparse = sparse
