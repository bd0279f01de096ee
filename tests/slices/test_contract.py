"""Every slicer of conf/slices: each entity in one group at most, every group named once and not empty.

Independent source: the definition of `Groups`, read entity by entity.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.utils import get_class
from omegaconf import OmegaConf

from recsys.slices import Slicer
from recsys.types import Attribute, Csr, Facts, Groups, HoldoutRows

FOLDER = Path(__file__).parents[2] / "conf" / "slices"
FILES = {file.stem: file for file in sorted(FOLDER.glob("*.yaml")) if "_target_" in file.read_text()}
REQUIRED = {"column": {"columns": ["user.age", "job", "paid", "user_id", "genres", "item.released", "device"]}}


@pytest.fixture(params=FILES)
def choice(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def ways(choice: str, facts: Facts, rows: HoldoutRows, attributes: Mapping[str, Attribute]) -> list[Groups]:
    return list(made(choice).groups(facts, rows, attributes))


def made(choice: str) -> Slicer:
    config: Any = OmegaConf.to_container(OmegaConf.load(FILES[choice]))
    return get_class(config.pop("_target_"))(**{**config, **REQUIRED.get(choice, {})})


def test_its_config_is_packed_under_its_name(choice: str) -> None:
    assert FILES[choice].read_text().startswith(f"# @package slices.{choice}\n")


def test_every_entity_is_in_one_group_or_none_and_in_several_only_by_list(
    ways: list[Groups], facts: Facts, rows: HoldoutRows
) -> None:
    sizes = {"user": len(facts.counts.users), "item": len(facts.counts.items), "row": len(rows.label)}
    for way in ways:
        if isinstance(way.of, Csr):
            assert len(way.of.ptr) == sizes[way.side] + 1
            lists = [way.of.idx[a:b].tolist() for a, b in zip(way.of.ptr, way.of.ptr[1:], strict=False)]
            assert all(listed == sorted(set(listed)) for listed in lists)
            places = way.of.idx
        else:
            assert way.of.shape == (sizes[way.side],)
            places = way.of[way.of >= 0]
            assert bool((way.of >= -1).all())
        assert places.dtype == torch.int64
        assert set(places.tolist()) == set(range(len(way.names)))


def test_names_are_distinct_and_no_way_has_the_name_of_another(ways: list[Groups]) -> None:
    assert len({way.name for way in ways}) == len(ways) > 0
    for way in ways:
        assert len(set(way.names)) == len(way.names)
        assert all(name.strip() == name != "" for name in way.names)


def test_it_changes_nothing_that_it_reads(
    choice: str, facts: Facts, rows: HoldoutRows, attributes: Mapping[str, Attribute]
) -> None:
    tensors = [facts.counts.users, facts.counts.items, rows.user, rows.item, rows.time]
    before = [tensor.clone() for tensor in tensors if tensor is not None]
    first = made(choice).groups(facts, rows, attributes)
    again = made(choice).groups(facts, rows, attributes)
    assert all(torch.equal(one, two) for one, two in zip(before, tensors, strict=True))  # type: ignore[arg-type]
    assert [way.names for way in first] == [way.names for way in again]


def test_no_training_row_and_no_held_out_row_are_no_mistake(choice: str, facts: Facts) -> None:
    counts = type(facts.counts)(torch.zeros(6, dtype=torch.int64), torch.zeros(5, dtype=torch.int64), 0, 0)
    none = torch.zeros(0, dtype=torch.int64)
    bare = Facts(counts, facts.graph, facts.users, facts.items, facts.cutoff)
    rows = HoldoutRows(none, none, none.float(), none)
    ways = made(choice).groups(bare, rows, {"device": Attribute("category", none, ("phone",))})
    assert all(len(way.names) == 0 for way in ways if way.side == "row")
    for way in ways:
        if way.name in ("user_activity", "item_popularity"):
            assert way.names == ("0",)
