"""Independent source: counting over every candidate in plain Python."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops import csr
from recsys.ops.placing import place

number = st.sampled_from([0.0, 1.0, 2.0, -torch.inf])


@given(st.lists(st.tuples(number, st.booleans(), st.booleans()), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_places_are_counted_as_by_hand(items: list[tuple[float, bool, bool]]) -> None:
    """A seen item scores -inf and is no candidate; one that the model does not list scores -inf and is one."""
    seen = [i for i, (_, _, seen) in enumerate(items) if seen]
    relevant = [i for i, (_, good, seen) in enumerate(items) if good and not seen]
    scores = torch.tensor([[-torch.inf if i in seen else s for i, (s, _, _) in enumerate(items)]])
    wanted = csr.from_pairs(torch.zeros(len(relevant), dtype=torch.int64), torch.tensor(relevant).long(), 1)
    count = torch.tensor([len(items) - len(seen)])
    placed = place(scores, torch.tensor([5]), wanted, count)
    candidates = [i for i in range(len(items)) if i not in seen]
    for at, item in enumerate(wanted.idx.tolist()):
        own = items[item][0]
        assert placed.above[at] == sum(items[i][0] > own for i in candidates)
        assert placed.equal[at] == sum(items[i][0] == own for i in candidates)
        assert placed.relevant_above[at] == sum(items[i][0] > own for i in relevant)
        assert placed.equal_relevant[at] == sum(items[i][0] == own for i in relevant)
    assert placed.candidates.tolist() == [len(candidates)]


def test_queries_do_not_disturb_each_other() -> None:
    scores = torch.tensor([[1.0, 2.0, 3.0], [3.0, 3.0, 1.0]])
    relevant = csr.from_pairs(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 2]), 2)
    placed = place(scores, torch.arange(2), relevant, torch.tensor([3, 3]))
    assert placed.query.tolist() == [0, 1, 1]
    assert placed.above.tolist() == [2, 0, 2]
    assert placed.relevant_above.tolist() == [0, 0, 1]
