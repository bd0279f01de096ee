"""A query tower of text finds items for queries that training never saw.

Independent source: the world is written here; an item is wanted by queries made of words of its title.
"""

import json
import random
from pathlib import Path

from recsys.commands import main

COLOURS = ("red", "blue", "old", "new", "wild", "calm")
THINGS = ("lamp", "boat", "tree", "shoe", "door", "song", "bird", "cake")
WORDS = [colour + thing for colour in COLOURS for thing in THINGS]


def write(name: str, rows: list[dict[str, str]]) -> None:
    Path(name).write_text("\n".join(map(json.dumps, rows)))


def test_unseen_queries_find_the_items_whose_title_has_their_words(workplace: Path) -> None:
    draw = random.Random(0)
    titles = {f"i{n}": draw.sample(WORDS, 3) for n in range(80)}
    wanted = {f"q{n}": draw.choice(list(titles)) for n in range(900)}
    write("items.jsonl", [{"item": item, "title": " ".join(words)} for item, words in titles.items()])
    texts = [{"query": q, "words": " ".join(draw.sample(titles[item], 2))} for q, item in wanted.items()]
    write("queries.jsonl", texts)
    write("clicks.jsonl", [{"query": query, "item": item} for query, item in wanted.items()])
    words = [
        "data=table",
        "data.events=clicks.jsonl",
        "data.users=queries.jsonl",
        "data.items=items.jsonl",
        "data.columns={user:{query:id,words:text},item:{item:id,title:text}}",
        "split=new_users",
        "encoders/id=drop",
        "encoders/text=hashed_ngrams",
        "encoders.text.buckets=4096",
        "model=two_tower",
        "sampling=in_batch",
        "loss=sampled_softmax",
        "metrics=ranking",
        "eval.bootstrap=0",
        "batch_size=128",
        "optimizer.lr=0.01",
        "trainer.max_epochs=12",
        "hydra.run.dir=search",
    ]
    assert main(["train", *words]) == 0
    metrics = json.loads(Path("search/metrics.json").read_text())
    assert metrics["test"]["recall@10"] > 4 * 10 / 80
