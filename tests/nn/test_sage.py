"""Independent source: PyTorch Geometric's SAGEConv."""

import pytest
import torch

from recsys.nn.sage import SageLayer
from recsys.ops import csr, neighbours


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_layer_equals_pyg_on_a_random_graph() -> None:
    from torch_geometric.nn import SAGEConv

    generator = torch.Generator().manual_seed(0)
    users, items, width = 7, 5, 6
    user = torch.randint(0, users - 1, (20,), generator=generator)
    item = torch.randint(0, items, (20,), generator=generator)
    graph = csr.from_pairs(user, item, users)
    own, other = torch.randn(users, width, generator=generator), torch.randn(items, width, generator=generator)
    layer, peer = SageLayer(width, 4), SAGEConv((width, width), 4, aggr="mean")
    peer.lin_r.weight, peer.lin_l.bias = layer.own.weight, layer.own.bias
    peer.lin_l.weight = layer.neighbours[0].weight
    edges = torch.stack([graph.idx, csr.rows_of(graph)])
    ours = layer(own, neighbours.mean(graph, other))
    assert torch.allclose(ours, peer((other, own), edges), atol=1e-6)


def test_sampled_neighbours_are_neighbours_and_the_lonely_are_told() -> None:
    graph = csr.from_pairs(torch.tensor([0, 0, 2]), torch.tensor([3, 1, 4]), 3)
    drawn, linked = neighbours.sample(graph, torch.tensor([2, 1, 0]), 50)
    assert linked.tolist() == [True, False, True]
    assert set(drawn[0].tolist()) == {4}
    assert set(drawn[2].tolist()) == {1, 3}
