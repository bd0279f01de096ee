"""Parameter groups against the gradient of a penalty, written by hand."""

import pytest
import torch
from torch import nn

from recsys.train.groups import groups, tables


class Net(nn.Module):
    """A table that two layers share, and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.table, self.layer = nn.Embedding(5, 3), nn.Linear(3, 1)
        self.again = nn.ModuleList([self.table])


def test_tables_are_the_weights_of_embeddings_each_once() -> None:
    net = Net()
    (found,) = tables(net)
    assert found is net.table.weight


def test_without_a_decay_of_their_own_all_parameters_are_alike() -> None:
    net = Net()
    (group,) = groups(net, None)
    assert [id(p) for p in group["params"]] == [id(p) for p in net.parameters()]


@pytest.mark.parametrize("decay", [0.0, 0.05])
def test_embedding_decay_is_half_the_squared_length_of_the_tables_added_to_the_loss(decay: float) -> None:
    ours, penalised = Net(), Net()
    rows = torch.tensor([0, 3])
    one = torch.optim.Adam(groups(ours, decay), lr=0.1)
    two = torch.optim.Adam(penalised.parameters(), lr=0.1)
    for _ in range(3):
        one.zero_grad()
        ours.layer(ours.table(rows)).sum().backward()
        one.step()
        two.zero_grad()
        penalty = decay / 2 * penalised.table.weight.square().sum()
        (penalised.layer(penalised.table(rows)).sum() + penalty).backward()
        two.step()
    torch.testing.assert_close(ours.state_dict(), penalised.state_dict())
