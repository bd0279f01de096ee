"""Against hmac and hashlib, id by id; a vector of RFC 4231."""

import hashlib
import hmac
from collections.abc import Callable

import pytest

from recsys.preparation import pseudonymise
from recsys.preparation.pseudonymise import Pseudonymise
from recsys.types import Events, UserError

Make = Callable[..., Events]
KEY = "RECSYS_PSEUDONYM_KEY"


def digest(text: str, key: str = "secret") -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "secret")


def test_ids_of_users_items_and_context_are_their_hmac(make_events: Make) -> None:
    events = make_events([(0, 1, 1.0), (2, 0, 0.0), (0, 0, 1.0)])
    changed, notes = Pseudonymise().apply(events)
    assert changed.users["u"].to_list() == [digest(f"user-{k}") for k in range(6)]
    assert changed.items["i"].to_list() == [digest(str(100 + k)) for k in range(6)]
    assert changed.log["visit"].to_list() == [digest("v0"), digest("v0"), digest("v1")]
    rest = ["user", "item", "time", "click", "label"]
    assert changed.log.select(rest).equals(events.log.select(rest))
    assert changed.users.drop("u").equals(events.users.drop("u"))
    assert notes == ["ids are pseudonyms"]


def test_ids_in_other_columns_get_the_same_pseudonyms(make_events: Make) -> None:
    changed, _ = Pseudonymise(also=["friends", "author"]).apply(make_events([(0, 0, 1.0)]))
    me = [digest(f"user-{k}") for k in range(3)]
    assert changed.users["friends"].to_list() == [[], [me[0], me[2]], None, [me[1]], [digest("nobody")], []]
    assert changed.items["author"].to_list() == [me[0], me[1]] * 3


def test_the_pseudonym_is_hmac_sha256_of_rfc_4231(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    monkeypatch.setattr(pseudonymise, "LENGTH", 64)
    assert pseudonymise._pseudonym(b"Jefe", "what do ya want for nothing?") == whole


def test_another_key_gives_other_pseudonyms_and_other_prepared_data(
    make_events: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Pseudonymise()
    monkeypatch.setenv(KEY, "another")
    other = Pseudonymise()
    assert first.depends != other.depends
    assert "secret" not in first.depends
    changed, _ = other.apply(make_events([(0, 0, 1.0)]))
    assert changed.users["u"][0] == digest("user-0", "another") != digest("user-0")


@pytest.mark.parametrize("value", [None, ""])
def test_no_key_is_refused_before_anything_is_read(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY)
    if value is not None:
        monkeypatch.setenv(KEY, value)
    with pytest.raises(UserError, match=rf"preparation\.pseudonymise\.key={KEY}: the environment has no such"):
        Pseudonymise()


@pytest.mark.parametrize(
    ("column", "found"), [("town", "is no column of the data"), ("age", "is declared as number")]
)
def test_a_column_that_cannot_hold_ids_is_refused(make_events: Make, column: str, found: str) -> None:
    with pytest.raises(UserError, match=rf"preparation\.pseudonymise\.also: {column} {found}"):
        Pseudonymise(also=[column]).apply(make_events([(0, 0, 1.0)]))
