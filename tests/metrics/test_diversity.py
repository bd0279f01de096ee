"""Independent source: loops over all pairs of a list, with sets and plain dot products."""

import itertools
from collections.abc import Callable
from statistics import mean
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.metrics.diversity import Diversity
from recsys.ops import csr, similarity
from recsys.types import Attribute, UserError


def slow(row: list[int], likeness: Callable[[int, int], float]) -> float:
    pairs = list(itertools.combinations(row, 2))
    return mean(1 - likeness(i, j) for i, j in pairs) if pairs else 0.0


def jaccard(one: set[int], other: set[int]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def categories(sets: list[set[int]], width: int) -> Attribute:
    pairs = torch.tensor([(i, c) for i, own in enumerate(sets) for c in own], dtype=torch.int64).view(-1, 2)
    return Attribute("categories", csr.from_pairs(pairs[:, 0], pairs[:, 1], len(sets)), tuple("abcdef"[:width]))


@pytest.fixture(params=[2**18, 6], ids=["one chunk", "small chunks"], scope="module")
def chunks(request: pytest.FixtureRequest) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "CELLS", request.param)
        yield


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_each_likeness_is_that_of_a_loop_over_pairs(
    chunks: None, world: Any, ranking_of: Any, facts_of: Any, measured: Any, seed: int
) -> None:
    w = world(seed)
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(w.n_items, 3, generator=generator)
    vectors[0] = 0
    member = (torch.rand(w.n_items, 4, generator=generator) < 0.4).tolist()
    sets = [{c for c, is_in in enumerate(row) if is_in} for row in member]
    facts = facts_of(w.n_users, w.n_items, w.history, vectors=vectors, items={"genres": categories(sets, 4)})

    def cosine(i: int, j: int) -> float:
        a, b = vectors[i].double(), vectors[j].double()
        return float(a @ b / (a.norm() * b.norm())) if i and j else 0.0

    likeness = {"audience": w.cosine, "embedding": cosine, "category": lambda i, j: jaccard(sets[i], sets[j])}
    family = Diversity(ks=[2, w.k + 1], by=["audience", "embedding", "category"])
    got = measured(family, ranking_of(w.user, w.shown, w.relevant), facts)
    for by, k in itertools.product(likeness, family.ks):
        expected = [slow(row[:k], likeness[by]) for row in w.shown]
        assert got.per_user[f"diversity_{by}@{k}"].tolist() == pytest.approx(expected, abs=1e-6), by
        assert got.values[f"diversity_{by}@{k}"] == pytest.approx(mean(expected), abs=1e-6)


def test_a_category_column_holds_one_category_or_none(ranking_of: Any, facts_of: Any, measured: Any) -> None:
    genre = Attribute("category", torch.tensor([0, 0, 1, -1, -1]), ("drama", "comedy"))
    facts = facts_of(3, 5, [set()] * 3, items={"genre": genre})
    ranking = ranking_of([0, 1, 2], [[0, 1], [0, 1, 2], [3, 4]], [{0}] * 3)
    got = measured(Diversity(by=["category"]), ranking, facts).per_user["diversity_category@10"]
    assert got.tolist() == pytest.approx([0, 2 / 3, 1])


def test_items_of_one_audience_are_alike_and_of_different_ones_not(
    ranking_of: Any, facts_of: Any, measured: Any
) -> None:
    facts = facts_of(3, 3, [{0, 1}, {0, 1}, {2}])
    ranking = ranking_of([0, 1], [[0, 1], [0, 2]], [{0}] * 2)
    got = measured(Diversity(), ranking, facts).per_user["diversity_audience@10"]
    assert got.tolist() == pytest.approx([0, 1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": []}, r"metrics\.diversity\.by=\[\]"),
        ({"ks": [1, 5]}, r"metrics\.diversity\.ks=\[1, 5\]: at least one depth of 2 or more"),
    ],
)
def test_what_has_no_pairs_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Diversity(**options)


def test_what_is_not_there_is_refused_by_its_key(ranking_of: Any, facts_of: Any) -> None:
    ranking, bare = ranking_of([0], [[0, 1]], [{0}]), facts_of(1, 2, [{0}])
    years = Attribute("number", torch.zeros(2, dtype=torch.float64))
    genre = Attribute("category", torch.zeros(2, dtype=torch.int64), ("drama",))
    some = facts_of(1, 2, [{0}], items={"year": years, "genre": genre})
    with pytest.raises(UserError, match=r"metrics\.diversity\.by: embedding needs"):
        Diversity(by=["embedding"]).observe(ranking, bare)
    with pytest.raises(UserError, match=r"metrics\.diversity\.category: .* item columns are: none"):
        Diversity(by=["category"]).observe(ranking, bare)
    with pytest.raises(UserError, match=r"category=genres: this item column is not there; choose one of genre"):
        Diversity(by=["category"], category="genres").observe(ranking, some)
    with pytest.raises(UserError, match=r"category=year: .* is of type number, not categories or category"):
        Diversity(by=["category"], category="year").observe(ranking, some)


def test_names_are_by_likeness_and_depth_and_embedding_needs_towers() -> None:
    family = Diversity(ks=[5, 3], by=["category", "embedding", "category"])
    wanted = ["diversity_category@3", "diversity_category@5", "diversity_embedding@3", "diversity_embedding@5"]
    assert family.names == wanted
    assert [need.what for need in family.needs] == ["model.towers"]
    assert not Diversity().needs
    assert all(family.higher_is_better(name) for name in family.names)
