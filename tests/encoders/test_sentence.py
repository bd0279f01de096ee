"""A tiny random BERT run by transformers itself, text by text.

Where sentence-transformers is not installed, the line that says what to install.
"""

import importlib.util
import sys
from pathlib import Path

import polars as pl
import pytest
import torch

from recsys.encoders.sentence import Sentence
from recsys.types import UserError

installed = importlib.util.find_spec("sentence_transformers") is not None
needs_package = pytest.mark.skipif(
    not installed, reason="sentence-transformers is not installed (recsys[text])"
)
quiet = pytest.mark.filterwarnings("ignore")
"""What transformers warns of is not ours."""

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "blue", "car", "bus"]
TEXTS = pl.Series("c", ["red car", None, "  ", "blue bus bus", "green car", "red car"])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("bert")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **sizes)).save_pretrained(folder)
    made = SentenceTransformer(modules=[Transformer(str(folder)), Pooling(8, pooling_mode="mean")])
    made.save(str(folder / "sentence"))
    return folder


@needs_package
@quiet
@pytest.mark.parametrize("normalize", [True, False])
def test_a_text_is_the_mean_of_its_tokens_outputs_beside_a_mark(model: Path, normalize: bool) -> None:
    from transformers import AutoTokenizer, BertModel

    encoder = Sentence(model=str(model / "sentence"), normalize=normalize, batch=2)
    state = encoder.fit(TEXTS)
    assert state == {"width": 8}
    encoded = encoder.module(state, 64)(encoder.encode(TEXTS, state))
    bert, tokens = BertModel.from_pretrained(model).eval(), AutoTokenizer.from_pretrained(model)
    for row, text in zip(encoded, TEXTS.to_list(), strict=True):
        expected = torch.zeros(8)
        if text and text.strip():
            with torch.no_grad():
                expected = bert(**tokens([text], return_tensors="pt")).last_hidden_state[0].mean(0)
            expected = expected / expected.norm() if normalize else expected
        assert torch.allclose(row, torch.tensor([*expected, float(not text or not text.strip())]), atol=1e-5)


@needs_package
@quiet
def test_each_distinct_text_is_encoded_once(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    kept = Sentence._vectors
    monkeypatch.setattr(Sentence, "_vectors", lambda self, texts: asked.extend(texts) or kept(self, texts))
    Sentence(model=str(model / "sentence")).encode(TEXTS, {"width": 8})
    assert sorted(asked) == ["blue bus bus", "green car", "red car"]


@needs_package
@quiet
def test_a_model_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"sentence: model=.* cannot be loaded: .*; give a folder"):
        Sentence(model=str(tmp_path / "empty")).fit(TEXTS)


def test_a_missing_package_is_one_line_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(UserError, match=r"not installed; pip install 'recsys\[text\]'"):
        Sentence().fit(TEXTS)


def test_the_files_of_a_folder_are_those_that_the_vectors_depend_on(tmp_path: Path) -> None:
    (tmp_path / "1_Pooling").mkdir()
    for file in ("config.json", "1_Pooling/config.json"):
        (tmp_path / file).touch()
    found = [Path(file).relative_to(tmp_path).as_posix() for file in Sentence(model=str(tmp_path)).files]
    assert found == ["1_Pooling/config.json", "config.json"]
    assert Sentence().files == []
