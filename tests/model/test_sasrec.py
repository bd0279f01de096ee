"""Independent source: Kang and McAuley 2018, eq. 1-6, one user at a time, without padding."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from recsys.model.sasrec import SASRec
from recsys.nn.blocks import Block
from recsys.types import Field, Schema, Slate, UserError


def slow(model: SASRec, history: list[int]) -> Tensor:
    """What the blocks make of one history, place by place."""
    if not history:
        return model.empty
    vectors = model.past.items(torch.tensor(history)) + model.positions.weight[: len(history)].flip(0)
    for block in model.blocks:
        assert isinstance(block, Block)
        query, key, value = block.mixed(block.before(vectors)).chunk(3, -1)
        heads = [part.chunk(block.heads, -1) for part in (query, key, value)]
        seen = []
        for place in range(len(history)):
            parts = []
            for q, k, v in zip(*heads, strict=True):
                scores = (k[: place + 1] @ q[place]) / q.shape[-1] ** 0.5
                parts.append(scores.softmax(0) @ v[: place + 1])
            seen.append(torch.cat(parts))
        vectors = vectors + block.joined(torch.stack(seen))
        vectors = vectors + block.out(block.hidden(block.between(vectors)).clamp_min(0))
    return model.norm(vectors[-1])


@pytest.mark.parametrize("positions", [200, 3, 2])
def test_a_user_is_what_the_blocks_make_of_her_last_items(schema: Schema, slate: Slate, positions: int) -> None:
    torch.manual_seed(0)
    model = SASRec(schema, dim=6, heads=2, positions=positions).eval()
    with torch.no_grad():
        model.empty.normal_()
    vectors = model.encode_users(slate)
    for row, items in enumerate(slate.context["user_history"].tolist()):
        there = [item for item in items if item >= 0][-positions:]
        torch.testing.assert_close(vectors[row], slow(model, there))


def test_padding_anywhere_changes_nothing(schema: Schema, slate: Slate) -> None:
    torch.manual_seed(0)
    model = SASRec(schema, dim=6).eval()
    history = torch.tensor([[-1, -1, 2, 5], [2, -1, 5, -1], [2, 5, -1, -1], [-1, 2, -1, 5]])
    vectors = model.encode_users(replace(slate, context={**slate.context, "user_history": history}))
    torch.testing.assert_close(vectors, vectors[:1].expand(4, -1))


def test_heads_that_do_not_divide_the_vectors_are_refused(schema: Schema) -> None:
    with pytest.raises(UserError, match=r"model\.heads=4: does not divide model\.dim=6"):
        SASRec(schema, dim=6, heads=4)


def test_without_a_history_it_says_what_to_choose(schema: Schema) -> None:
    fields = tuple(field for field in schema.fields if field.type != "sequence")
    with pytest.raises(UserError, match=r"features=\[history\]"):
        SASRec(replace(schema, fields=fields))


def test_a_sequence_of_values_is_not_taken_for_one_of_items(schema: Schema, slate: Slate) -> None:
    """`features.history.columns=[genres]` adds a sequence of genres, wherever it stands among the fields."""
    genres = Field("user_history_genres", "context", "sequence", None, lambda dim: nn.Identity())
    both = replace(schema, fields=(genres, *schema.fields))
    codes = torch.full((4, 6), 99)
    torch.manual_seed(0)
    alone = SASRec(schema, dim=6).eval()
    torch.manual_seed(0)
    beside = SASRec(both, dim=6).eval()
    more = replace(slate, context={"user_history_genres": codes, **slate.context})
    torch.testing.assert_close(beside.encode_users(more), alone.encode_users(slate))
    with pytest.raises(UserError, match=r"features=\[history\]"):
        SASRec(replace(both, fields=tuple(f for f in both.fields if f.name != "user_history")))
