"""The simulated log against the model that its docstrings state, and against truth."""

import inspect
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_series_equal

from recsys.data.marketplace import Marketplace
from recsys.data.simulation.policy import Policy, draw_ranking, item_scores
from recsys.data.simulation.vocabulary import COMMON_WORDS, WORDS
from recsys.types import Events, UserError

DAY = 86_400
SMALL: dict[str, Any] = {"users": 300, "items": 200, "authors": 30, "days": 12, "sessions": 1.0, "page": 5}

DTYPES = {
    "id": (pl.String, pl.UInt32),
    "number": (pl.Float32, pl.Float64, pl.UInt16, pl.Int64),
    "category": (pl.String,),
    "categories": (pl.List(pl.String),),
    "text": (pl.String,),
    "geo": (pl.Array(pl.Float64, 2),),
    "time": (pl.Int64,),
    "flag": (pl.Boolean,),
}
"""As the docstring of `Columns` says."""


@pytest.fixture(scope="module")
def source() -> Marketplace:
    return Marketplace(**SMALL)


@pytest.fixture(scope="module")
def events(source: Marketplace) -> Events:
    return source.load()


@pytest.fixture(scope="module")
def default_log() -> pl.DataFrame:
    return Marketplace().load().log


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def preference(source: Marketplace, log: pl.DataFrame) -> np.ndarray:
    return source.truth().preference[log["user"].to_numpy(), log["item"].to_numpy()]


def assert_drawn_with(happened: np.ndarray, probability: np.ndarray) -> None:
    """Independent draws with these probabilities come to this sum, within 4 standard errors."""
    error = np.sqrt((probability * (1 - probability)).sum())
    assert abs(happened.sum() - probability.sum()) <= 4 * error


def kilometres(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Great-circle distance by the angle between unit vectors, `[U, I]`."""

    def unit(places: np.ndarray) -> np.ndarray:
        lat, lon = np.radians(places).T
        return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], 1)

    return 6371 * np.arccos(np.clip(unit(one) @ unit(other).T, -1, 1))


def assert_same(one: Events, other: Events) -> None:
    for name in ("log", "users", "items"):
        assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_the_same_arguments_give_the_same_events(events: Events) -> None:
    assert_same(events, Marketplace(**SMALL).load())


def test_another_seed_gives_other_events(events: Events) -> None:
    other = Marketplace(**SMALL, seed=1).load()
    assert not events.users.equals(other.users)
    assert not events.log.equals(other.log)


def test_the_fingerprint_is_that_of_the_arguments(source: Marketplace) -> None:
    assert source.fingerprint() == Marketplace(**SMALL).fingerprint()
    defaults = {p.name: p.default for p in inspect.signature(Marketplace).parameters.values()}
    changed = [
        {name: type(value)(value + (0.1 if name == "new_items" else 1))} for name, value in defaults.items()
    ]
    prints = {Marketplace(**change).fingerprint() for change in [{}, *changed]}
    assert len(prints) == len(defaults) + 1


def test_frames_hold_the_declared_columns_and_types(source: Marketplace, events: Events) -> None:
    columns = source.columns
    assert events.columns == columns
    assert events.impressions
    assert events.users.columns == list(columns.user)
    assert events.items.columns == list(columns.item)
    context = ["time", *(name for name in columns.context if name != "timestamp")]
    assert events.log.columns == ["user", "item", *context, *columns.feedback]
    assert events.log.schema["user"] == events.log.schema["item"] == pl.UInt32
    log = events.log.rename({"time": "timestamp"})
    for frame, types in (
        (events.users, columns.user),
        (events.items, columns.item),
        (log, {**columns.context, **columns.feedback}),
    ):
        for name, type_ in types.items():
            assert frame.schema[name] in DTYPES[type_], name
            assert frame[name].null_count() == 0, name


def test_sizes_are_honoured(events: Events) -> None:
    assert events.users["user_id"].to_list() == [f"u{n}" for n in range(300)]
    assert events.items["item_id"].to_list() == [f"i{n}" for n in range(200)]
    assert events.items["author"].n_unique() <= 30
    days = (events.log["time"] - 1_704_067_200) // DAY
    assert (days.min(), days.max()) == (0, 11)
    assert events.log["position"].max() == 5
    late = events.items["published"] > 1_704_067_200
    assert late.sum() == 40


def test_sessions_come_at_the_asked_rate(events: Events) -> None:
    expected = 300 * 12 * 1.0
    assert abs(events.log["session"].n_unique() - expected) <= 4 * np.sqrt(expected)


def test_a_default_log_has_the_promised_size_and_click_rate(default_log: pl.DataFrame) -> None:
    assert 250_000 <= len(default_log) <= 350_000
    assert 0.08 <= default_log["click"].mean() <= 0.15  # type: ignore[operator]


def test_the_log_goes_by_time_then_session_then_position(events: Events) -> None:
    log = events.log
    assert_frame_equal(log, log.sort("time", "session", "position"))
    assert log["session"].is_sorted()
    pages = log.group_by("session").agg(pl.n_unique("user", "time", "device", "item"), pl.col("position"))
    assert pages.select("user", "time", "device").unique().rows() == [(1, 1, 1)]
    assert pages["item"].unique().to_list() == [5]
    assert pages["position"].unique().to_list() == [[1, 2, 3, 4, 5]]


def test_no_item_is_shown_before_its_publication(events: Events) -> None:
    published = events.items["published"].gather(events.log["item"])
    assert (published <= events.log["time"]).all()
    late = published > 1_704_067_200
    assert late.sum() > 0


def test_nobody_sees_an_item_twice_a_day(events: Events) -> None:
    assert not events.log.select("user", "item", pl.col("time") // DAY).is_duplicated().any()


def test_titles_are_of_words_of_the_genres(events: Events) -> None:
    for text, genres in events.items.select("text", "genres").iter_rows():
        allowed = {*COMMON_WORDS.tolist(), *(word for genre in genres for word in WORDS[genre])}
        assert 1 <= len(genres) <= 3
        assert 4 <= len(text.split()) <= 9
        assert set(text.lower().split()) <= allowed


def test_friendship_is_mutual(events: Events) -> None:
    pairs = events.users.select(one="user_id", other="friends").explode("other").drop_nulls()
    mirrored = pairs.select(one="other", other="one")
    assert_frame_equal(pairs, mirrored, check_row_order=False)
    assert not pairs.is_duplicated().any()
    assert (pairs["one"] != pairs["other"]).all()
    assert events.users["friends"].list.len().min() >= 4  # type: ignore[operator]


def test_friends_are_more_alike_in_taste_and_place_than_strangers(source: Marketplace, events: Events) -> None:
    keys = {key: n for n, key in enumerate(events.users["user_id"])}
    friend = np.zeros((300, 300), bool)
    for one, others in enumerate(events.users["friends"]):
        friend[one, [keys[key] for key in others]] = True
    stranger = ~friend & ~np.eye(300, dtype=bool)
    alike = np.corrcoef(source.truth().preference)
    assert alike[friend].mean() > alike[stranger].mean() + 0.2
    home = events.users["location"].to_numpy()
    near = kilometres(home, home) < 100
    assert near[friend].mean() > 3 * near[stranger].mean()


def test_a_world_without_friends_has_empty_lists() -> None:
    alone = Marketplace(users=1, items=20, friends=0, days=3, sessions=3).load()
    assert alone.users["friends"].to_list() == [[]]
    assert alone.users.schema["friends"] == pl.List(pl.String)


def test_clicks_by_position_are_examination_times_attraction(source: Marketplace, events: Events) -> None:
    log, truth = events.log, source.truth()
    attraction = sigmoid(preference(source, log))
    for position, examined in enumerate([1, 2**-0.7, 3**-0.7, 4**-0.7, 5**-0.7], start=1):
        assert truth.examination[position - 1] == pytest.approx(examined)
        at = log["position"].to_numpy() == position
        assert_drawn_with(log["click"].to_numpy()[at], examined * attraction[at])


@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_equally_attractive_items_are_clicked_in_proportion_to_examination(eta: float) -> None:
    source = Marketplace(**SMALL, offset=0.5, taste=0, quality=0, locality=0, eta=eta)
    log = source.load().log.group_by("position").agg(pl.sum("click"), pl.len()).sort("position")
    rate = log["click"].to_numpy() / log["len"].to_numpy()
    error = np.sqrt(((1 - rate) / (rate * log["len"].to_numpy()))[[0, 4]].sum())
    assert np.log(rate[0] / rate[4]) == pytest.approx(eta * np.log(5), abs=4 * error)


def test_examined_items_are_clicked_by_the_sigmoid_of_their_utility() -> None:
    source = Marketplace(**SMALL, eta=0, offset=-2)
    log = source.load().log
    utility = preference(source, log)
    decile = np.digitize(utility, np.quantile(utility, np.arange(1, 10) / 10))
    assert np.ptp(utility) > 6
    for n in range(10):
        assert_drawn_with(log["click"].to_numpy()[decile == n], sigmoid(utility[decile == n]))


def test_reactions_follow_utility_by_their_formulas() -> None:
    source = Marketplace(**SMALL, eta=0, offset=-2)
    log = source.load().log
    utility, click = preference(source, log), log["click"].to_numpy()
    assert_drawn_with(log["like"].to_numpy(), click * sigmoid(utility - 2))
    assert_drawn_with(log["share"].to_numpy(), click * sigmoid(utility - 4))
    assert_drawn_with(log["hide"].to_numpy(), ~click * sigmoid(-utility - 5))
    assert_drawn_with(log["report"].to_numpy(), sigmoid(-utility - 8))


def test_only_clicked_items_are_watched_and_longer_when_preferred(source: Marketplace, events: Events) -> None:
    log = events.log
    assert_series_equal(log["dwell_seconds"] > 0, log["click"], check_names=False)
    clicked = log.filter("click")
    residual = np.log(clicked["dwell_seconds"].to_numpy() / 15) - preference(source, clicked) / 2
    assert abs(residual.mean()) <= 4 * 0.8 / np.sqrt(len(clicked))
    assert residual.std() == pytest.approx(0.8, abs=4 * 0.8 / np.sqrt(2 * len(clicked)))


def test_truth_is_in_the_index_order_of_users_and_items() -> None:
    source = Marketplace(**SMALL, taste=0, quality=0, offset=-1, locality=2)
    events = source.load()
    km = kilometres(events.users["location"].to_numpy(), events.items["location"].to_numpy())
    assert source.truth().preference.dtype == np.float32
    np.testing.assert_allclose(source.truth().preference, -1 + 2 * np.exp(-km / 50), atol=1e-3)


def test_a_ranking_is_drawn_item_by_item_by_softmax() -> None:
    n = 40_000
    weight = np.array([0.1, 0.2, 0.3, 0.4])
    scores = np.broadcast_to(np.log(weight).astype(np.float32), (n, 4))
    ranking = draw_ranking(np.random.default_rng(0), scores, 2)
    for first in range(4):
        for second in set(range(4)) - {first}:
            probability = weight[first] * weight[second] / (1 - weight[first])
            assert_drawn_with((ranking == [first, second]).all(1), np.full(n, probability))


def test_item_scores_are_popularity_and_halving_freshness() -> None:
    policy = Policy(popularity=0.5, personalisation=0, noise=0, freshness=2, satiation=0)
    scores = item_scores(policy, clicks=np.array([0, 0, 9]), age=np.array([0, 3, 1e9]))
    np.testing.assert_allclose(scores, [2, 1, 0.5 * np.log(10)], rtol=1e-6)


def test_popularity_and_preference_draw_impressions() -> None:
    plain: dict[str, Any] = {
        **SMALL,
        "popularity": 0,
        "personalisation": 0,
        "freshness": 0,
        "satiation": 0,
        "new_items": 0,
    }
    even = np.bincount(Marketplace(**plain).load().log["item"], minlength=200)
    popular = np.bincount(Marketplace(**plain | {"popularity": 1}).load().log["item"], minlength=200)
    expected = even.sum() / 200
    chi_square = ((even - expected) ** 2).sum() / expected
    assert chi_square < 199 + 4 * np.sqrt(2 * 199)
    assert np.sort(popular)[-20:].sum() > 2 * np.sort(even)[-20:].sum()
    source = Marketplace(**{**plain, "personalisation": 0.6})
    assert preference(source, source.load().log).mean() > source.truth().preference.mean() + 1


def test_an_item_is_shown_again_unless_the_user_has_had_enough_of_it() -> None:
    def shown_after_click(satiation: float) -> int:
        log = Marketplace(**SMALL, satiation=satiation).load().log
        clicked = log.with_columns(before=pl.col("click").cum_sum().over("user", "item") - pl.col("click"))
        return len(clicked.filter(pl.col("before") > 0))

    never, less, freely = (shown_after_click(satiation) for satiation in (100.0, 2.0, 0.0))
    assert never == 0
    assert 0 < 2 * less < freely


def test_later_clicks_follow_truth_and_collaborative_filtering_more_than_popularity(
    default_log: pl.DataFrame,
) -> None:
    """EASE in closed form: Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", eq. 8."""
    clicks = default_log.with_row_index("row").filter("click")
    later = clicks["row"].to_numpy() >= clicks["row"].max() * 0.8  # type: ignore[operator]
    truth = Marketplace().truth().preference
    seen, wanted = np.zeros_like(truth), np.zeros_like(truth)
    user, item = clicks["user"].to_numpy(), clicks["item"].to_numpy()
    seen[user[~later], item[~later]] = 1
    wanted[user[later], item[later]] = 1
    wanted[seen > 0] = 0
    inverse = np.linalg.inv(seen.T @ seen + 150 * np.eye(len(seen.T), dtype=np.float32))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    popular = ndcg(np.broadcast_to(seen.sum(0), truth.shape), seen, wanted)
    assert ndcg(truth, seen, wanted) > 3 * popular
    assert ndcg(seen @ weights, seen, wanted) > 1.5 * popular


def ndcg(scores: np.ndarray, seen: np.ndarray, wanted: np.ndarray) -> float:
    """NDCG@10 over all items that are not seen, mean over users with something wanted."""
    best = np.argsort(np.where(seen > 0, np.inf, -scores), axis=1)[:, :10]
    discount = 1 / np.log2(np.arange(2, 12))
    number = wanted.sum(1).astype(int)
    ideal = np.cumsum(discount)[np.minimum(number, 10) - 1]
    gain = (np.take_along_axis(wanted, best, 1) * discount).sum(1)
    return float((gain / ideal)[number > 0].mean())


def test_impossible_sizes_are_refused_with_what_would_be_right() -> None:
    with pytest.raises(UserError) as error:
        Marketplace(users=3, friends=3, items=10, new_items=0.5, page=6)
    page, friends = error.value.problems
    assert page.startswith("data.page=6: only 5 of data.items=10")
    assert friends.startswith("data.friends=3: there are only 2 others; make it at most 2")


def test_a_log_to_which_nobody_comes_is_refused() -> None:
    rare: dict[str, Any] = {**SMALL, "sessions": 1e-9}
    source = Marketplace(**rare)
    with pytest.raises(UserError, match=r"data\.sessions=1e-09: nobody came"):
        source.load()
