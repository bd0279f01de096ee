"""Against small arrays written here; moments against the published span of the log and a city's habits."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from recsys.data.foursquare_nyc import FoursquareNYC
from recsys.types import Events, UserError

VISITS = [[1, 698, 61], [1, 3, 1], [2, 698, 1440]]
PLACES = [[3, 40.5, -74.0], [698, 40.75, -73.5]]


def write(folder: Path, visits: object = VISITS, places: object = PLACES) -> None:
    np.save(folder / "NYC.npy", np.array(visits, dtype=np.int32))
    np.save(folder / "NYC_POI.npy", np.array(places, dtype=np.float64))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "foursquare-nyc"
    folder.mkdir()
    write(folder)
    return folder


def test_visits_and_places_are_read(folder: Path) -> None:
    events = FoursquareNYC().load()
    begin = int(datetime(2012, 4, 3, 18, tzinfo=UTC).timestamp())
    assert events.log.rows() == [(0, 1, begin + 3660), (0, 0, begin + 60), (1, 1, begin + 86400)]
    assert [(i, list(at)) for i, at in events.items.iter_rows()] == [(3, [40.5, -74.0]), (698, [40.75, -73.5])]
    assert FoursquareNYC().gives == {"data.time"}


MISTAKES = [
    (VISITS, [[3, 91, 0]], r"NYC_POI\.npy: row 1, column 'latitude': 91\.0 is outside of -90 to 90"),
    (VISITS, [*PLACES, PLACES[0]], r"NYC_POI\.npy: place 3 stands twice"),
    ([[1, 2, 3], [1, 2, -3]], PLACES, r"NYC\.npy: row 2, column 'minutes': -3 is outside of 0"),
    ([[1, 2]], PLACES, r"NYC\.npy: an array of int32 \[1, 2\]; numbers \[rows, 3\] are expected"),
]


@pytest.mark.parametrize(("visits", "places", "message"), MISTAKES)
def test_a_wrong_value_is_named(visits: object, places: object, message: str, folder: Path) -> None:
    write(folder, visits, places)
    with pytest.raises(UserError, match=message):
        FoursquareNYC().load()


def test_a_file_that_is_no_array_is_named(folder: Path) -> None:
    (folder / "NYC.npy").write_text("1,2,3\n")
    with pytest.raises(UserError, match=r"NYC\.npy: cannot be read as a NumPy array"):
        FoursquareNYC().load()


def test_a_missing_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    with pytest.raises(
        UserError, match=r"foursquare-nyc: is missing, with NYC\.npy, NYC_POI\.npy; put them there"
    ):
        FoursquareNYC().fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return FoursquareNYC().load()


def test_the_real_data_has_the_published_size(real: Events) -> None:
    assert (len(real.log), len(real.users), len(real.items)) == (147_938, 1_083, 5_135)
    assert not real.items["location"].has_nulls()


def test_the_real_data_ends_when_the_publishers_log_ends_and_sleeps_at_night(real: Events) -> None:
    assert datetime.fromtimestamp(int(real.log["time"].max()), UTC).isoformat()[:16] == "2013-02-16T02:35"  # type: ignore[arg-type]
    zone = ZoneInfo("America/New_York")
    hours = np.bincount([datetime.fromtimestamp(t, zone).hour for t in real.log["time"]], minlength=24)
    assert hours.argmin() == 4
    assert hours.argmax() == 8
