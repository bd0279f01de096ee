"""Against small files written here, and against what the publisher's README and paper say."""

from pathlib import Path

import pytest

from recsys.data.open_bandit import OpenBandit
from recsys.types import Events, UserError

HEADER = ",timestamp,item_id,position,click,propensity_score," + ",".join(
    [*(f"user_feature_{k}" for k in range(4)), *(f"user-item_affinity_{k}" for k in range(34))]
)
ITEMS = ",item_id,item_feature_0,item_feature_1,item_feature_2,item_feature_3\n"


def row(moment: str, item: int, click: int, propensity: float, profile: str, liked: int = 33) -> str:
    affinity = ",".join("2.0" if k == liked else "0.0" for k in range(34))
    return f"0,{moment},{item},3,{click},{propensity},{','.join(profile)},{affinity}\n"


FILES = {
    "bts": row("2019-11-24 00:00:01.979311+00:00", 1, 1, 0.7, "abcd")
    + row("2019-11-24 00:00:02+00:00", 0, 0, 0.1, "abce"),
    "random": row("2019-11-24 00:00:00.5+00:00", 1, 0, 0.5, "abcd", liked=0),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    for policy, rows in FILES.items():
        folder = tmp_path / "open_bandit" / policy / "men"
        folder.mkdir(parents=True)
        (folder / "men.csv").write_text(f"{HEADER}\n{rows}")
        (folder / "item_context.csv").write_text(f"{ITEMS}0,0,-0.5,{policy}1,y,z\n1,1,0.25,{policy}2,y,w\n")
    return tmp_path / "open_bandit"


def test_both_policies_are_read_and_told_apart(folder: Path) -> None:
    events = OpenBandit().load()
    named = ["user", "item", "time", "position", "click", "propensity", "random_exposure"]
    assert events.log.select(named).rows() == [
        (0, 1, 1574553601, 3.0, True, 0.7, False),
        (1, 0, 1574553602, 3.0, False, 0.1, False),
        (0, 1, 1574553600, 3.0, False, 0.5, True),
    ]
    assert events.log.select("affinity_0", "affinity_33").rows() == [(0.0, 2.0), (0.0, 2.0), (2.0, 0.0)]
    assert events.users.rows() == [("a/b/c/d", *"abcd"), ("a/b/c/e", *"abce")]
    assert events.items.rows() == [(0, -0.5, "random1", "y", "z"), (1, 0.25, "random2", "y", "w")]
    assert "data.random_exposure" in OpenBandit().gives


def test_one_policy_does_not_claim_a_random_test(folder: Path) -> None:
    source = OpenBandit(policy="bts")
    assert source.gives == {"data.time", "data.click", "data.propensity"}
    events = source.load()
    assert len(events.log) == 2
    assert "random_exposure" not in events.log.columns
    assert events.items["item_feature_1"].to_list() == ["bts1", "bts2"]


MISTAKES = [
    (
        f"{HEADER}\n{row('now', 1, 1, 0.7, 'abcd')}",
        r"bts/men/men\.csv: line 2, column 'timestamp': 'now' is no time",
    ),
    (f"{HEADER}\n{row('2019-11-24', 1, 2, 0.7, 'abcd')}", r"line 2, column 'click': '2' is no flag"),
    (f"{HEADER}\n0,2019-11-24\n", r"men\.csv: line 2 has 2 fields, the first line has 44"),
    (HEADER.replace("click", "clicks") + FILES["bts"], r"men\.csv: "),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_broken_file_is_named(text: str, message: str, folder: Path) -> None:
    (folder / "bts/men/men.csv").write_text(text)
    with pytest.raises(UserError, match=message):
        OpenBandit().load()


def test_a_campaign_that_is_not_there_is_named(folder: Path) -> None:
    wanted = (
        r"lacks random/women/women\.csv, random/women/item_context\.csv; put them there from https://research"
    )
    with pytest.raises(UserError, match=wanted):
        OpenBandit(policy="random", campaign="women").fingerprint()


@pytest.fixture(scope="module", params=["men", "women"])
def real(recsys_data: Path, request: pytest.FixtureRequest) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return OpenBandit(campaign=request.param).load()


def test_the_real_data_has_the_published_size(real: Events) -> None:
    assert real.log["random_exposure"].value_counts().sort("random_exposure")["count"].to_list() == [10_000] * 2
    assert len(real.items) in (34, 46)
    assert set(real.log["position"]) == {1.0, 2.0, 3.0}


def test_the_random_policy_shows_every_item_alike_and_the_real_users_overlap(real: Events) -> None:
    drawn = real.log.filter("random_exposure")
    assert drawn["propensity"].to_list() == pytest.approx([1 / len(real.items)] * 10_000)
    both = set(drawn["user"]) & set(real.log.filter(random_exposure=False)["user"])
    assert len(both) > 100
