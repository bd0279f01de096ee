"""Which parameters an optimizer treats alike."""

from typing import Any, cast

from torch import nn


def tables(module: nn.Module) -> list[nn.Parameter]:
    """The learned tables that are looked up by row: the weights of all embeddings."""
    kinds = (nn.Embedding, nn.EmbeddingBag)
    return list(
        dict.fromkeys(cast(nn.Parameter, part.weight) for part in module.modules() if isinstance(part, kinds))
    )


def groups(module: nn.Module, decay: float | None) -> list[dict[str, Any]]:
    """The parameters for an optimizer: all alike, or the embedding tables apart, after the rest.

    Args:
        decay: weight decay of the tables; None where it is that of all parameters.
    """
    if decay is None:
        return [{"params": list(module.parameters())}]
    apart = tables(module)
    known = set(apart)
    rest = [parameter for parameter in module.parameters() if parameter not in known]
    return [group for group in ({"params": rest}, {"params": apart, "weight_decay": decay}) if group["params"]]
