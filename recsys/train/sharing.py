"""What each of several processes trains on."""

from dataclasses import replace

from torch import Tensor

from recsys.types import Slate


def share(slate: Slate, rank: int, ranks: int) -> Slate:
    """Every `ranks`-th query of a slate that all processes have drawn alike, beginning with the `rank`-th.

    All shares are equally large, so that the mean of the shares' mean losses is the mean over the slate; up to
    `ranks - 1` queries are left out for it. Candidates that all queries share are not divided, nor are their
    features. Fewer queries than processes are not divided either: each process takes them all.
    """
    size = len(slate.user) // ranks
    if ranks == 1 or size == 0:
        return slate
    at = slice(rank, size * ranks, ranks)

    def cut(values: Tensor | None) -> Tensor | None:
        return None if values is None else values[at]

    shared = slate.items.dim() == 1
    return replace(
        slate,
        user=slate.user[at],
        items=slate.items if shared else slate.items[at],
        labels=slate.labels[at],
        mask=slate.mask[at],
        weights=cut(slate.weights),
        log_q=slate.log_q if slate.log_q is None or slate.log_q.dim() == 1 else slate.log_q[at],
        time=cut(slate.time),
        context={name: values[at] for name, values in slate.context.items()},
        features=slate.features if shared else {name: values[at] for name, values in slate.features.items()},
        tasks={name: values[at] for name, values in slate.tasks.items()},
        shares=ranks,
    )
