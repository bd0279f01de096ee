"""What a component asks of its neighbours, so that a combination can be refused before it runs."""

from dataclasses import dataclass

CAPABILITIES = {
    "data.time": "a time for each event",
    "data.part": "the publisher's own split into parts",
    "data.links": "items that are the users themselves",
    "data.random_exposure": "events whose items were shown at random",
    "label.negatives": "rows labelled 0 beside rows labelled 1",
    "label.real": "labels that are amounts, not classes",
    "label.classes": "labels of 0 and 1",
    "label.grades": "labels of 0 and of grades above it",
    "label.counts": "the number of training rows of each class",
    "label.weights": "weights of rows other than 0 and 1",
    "label.tasks": "a label of several tasks (label=multi)",
    "features.history": "what each user took up before (features=[history])",
    "split.cutoff": "one moment at which the held-out time begins",
    "sampling.row": "several candidates in a row",
    "sampling.both": "both labels in what the loss sees",
    "sampling.classes": "a sampler that makes labels of 0 and 1 of others",
    "sampling.tasks": "the labels of all tasks in what the loss sees",
    "sampling.odds": "a known factor on the odds of a positive",
    "model.context": "room for what is known of the query's moment",
    "model.history": "room for the items that the user took up last",
    "model.moments": "room for what is known of an item at a moment",
    "model.cross": "room for what is known of a user and an item together",
    "model.tasks": "a prediction for each task",
    "loss.tasks": "a loss for each task (loss=multi_task)",
    "model.towers": "a vector for each user and for each item, whose product is the score",
}
"""Names of what can be needed and given, `<axis that gives it>.<what>`, each with its meaning.

`data.<column>` stands for a feedback column of that name, beside the ones listed. `label.classes` holds of
every label that gives neither `label.real` nor `label.grades`, and `label.counts` of every label but that of a
task among several.
"""


@dataclass(frozen=True)
class Need:
    """One condition of a component.

    Attributes:
        what: a name of `CAPABILITIES`, or `data.<column>`.
        why: one clause, after "because".
        instead: other names, each of which does as well.
    """

    what: str
    why: str
    instead: tuple[str, ...] = ()
