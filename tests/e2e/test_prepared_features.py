"""What reaches the prepared data, read back from it.

Independent source: the frames of the source, the simulation's own distance, and the files as they were written.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recsys import cache, flow, moments
from recsys.build import Parts, build
from recsys.compose import Request, build_config, groups, screen, session
from recsys.data.simulation import geography
from recsys.types import Slate


def parts_of(words: list[str]) -> Parts:
    request = Request("train", tuple(words))
    with session(request):
        return build(build_config(request, screen(request)), groups(request.folders))


def test_a_sequences_encoder_knows_every_item_of_training(
    tiny: list[str], workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moments, "FITTED_ON", 5)
    parts = parts_of([*tiny, "features=[history]", "features.history.length=7"])
    artifact, _ = cache.encode_once(parts)
    items = artifact.tensors["train.item"].unique().tolist()
    assert len(items) > 5
    assert artifact.states["feature.user_history"] == {"items": items}


def test_a_sequence_of_values_is_encoded_from_the_training_items_own(tiny: list[str], workplace: Path) -> None:
    """The tenth of the items that train lacks may bring a genre or an author that train has not."""
    words = [*tiny, "model=two_tower", "features=[history]", "features.history.columns=[genres,author]"]
    parts = parts_of([*words, "features.history.length=4", "encoders.columns.user_history_author=gru"])
    artifact, _ = cache.encode_once(parts)
    frame = parts.data.load().items[artifact.tensors["train.item"].unique().tolist()]
    for name, values in (("genres", frame["genres"].explode()), ("author", frame["author"])):
        names = artifact.raw["item"][name][1]
        expected = sorted(names.index(value) for value in values.drop_nulls().unique())
        assert artifact.states[f"feature.user_history_{name}"] == {"items": expected}
    prepared = flow.prepare(parts)
    recommender = flow.assemble(parts, prepared.encoded, prepared.moments)
    rows = prepared.encoded.test
    assert rows.time is not None
    answers = prepared.moments.ask("user", rows.user[:5], None, rows.time[:5])
    assert answers["user_history_genres"].shape[1] % 4 == 0
    blank = torch.zeros(5, 1)
    slate = Slate(
        rows.user[:5], rows.item[:5, None], blank, blank > 0, time=rows.time[:5], context=rows.context
    )
    cut = replace(slate, context={name: values[:5] for name, values in rows.context.items()})
    vectors = recommender.model.encode_users(prepared.moments.of_slate(cut))
    assert bool(vectors.isfinite().all())


def test_the_distance_is_the_one_that_the_simulation_drew_from(tiny: list[str], workplace: Path) -> None:
    parts = parts_of([*tiny, "model=deepfm", "features=[distance]"])
    artifact, _ = cache.encode_once(parts)
    known = moments.restore(parts, artifact.tensors, artifact.states)
    (encoding,) = known.encodings
    user, item, time = (artifact.tensors[f"train.{name}"] for name in ("user", "item", "time"))
    events = parts.data.load()
    homes, places = (np.array(frame["location"].to_list()) for frame in (events.users, events.items))
    expected = geography.distance(homes[user.numpy()], places[item.numpy()])
    found = known.raw(encoding.answer, user, item, time).numpy()
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-3)


def test_data_is_prepared_anew_when_a_file_of_vectors_has_changed(tiny: list[str], workplace: Path) -> None:
    np.save("vectors.npy", np.ones((2, 3)))
    Path("ids.txt").write_text("i0\ni1\n")
    vectors = "{_target_:recsys.encoders.precomputed.Precomputed,path:vectors.npy,ids:ids.txt}"
    parts = parts_of([*tiny, f"encoders.columns.item_id={vectors}"])
    artifact, made = cache.encode_once(parts)
    assert made
    assert artifact.tensors["item.item_id"][:3].tolist() == [[1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1]]
    assert any("have no row in vectors.npy" in note for note in artifact.notes)
    assert not cache.encode_once(parts)[1]
    np.save("vectors.npy", 2 * np.ones((2, 4)))
    artifact, made = cache.encode_once(parts)
    assert made
    assert torch.equal(artifact.tensors["item.item_id"][0], torch.tensor([2.0, 2, 2, 2, 0]))
