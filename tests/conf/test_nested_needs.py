"""What components within a component need, against what their labels and samplers are by definition."""

from pathlib import Path

import pytest

from recsys.build import Parts, build
from recsys.check import check
from recsys.compose import Request, build_config, groups, screen, session
from recsys.types import UserError

TASKS = ["model=mmoe", "label=multi", "sampling=none", "loss=multi_task", "metrics=all"]
DWELL = [*TASKS, "+label@label.tasks.dwell=regression"]
GRADE = [*TASKS, "+label@label.tasks.grade=graded"]


def parts_of(words: list[str]) -> Parts:
    request = Request("train", tuple(words))
    with session(request):
        return build(build_config(request, screen(request)), groups(request.folders))


def problems(words: list[str]) -> list[str]:
    try:
        check(parts_of(words))
    except UserError as error:
        return list(error.problems)
    return []


REFUSED = [
    (
        "a task's loss of rows",
        [*TASKS, "+loss@loss.tasks.stay=bpr"],
        "loss.tasks.stay=bpr needs several candidates in a row",
        "sampling=none gives none",
    ),
    (
        "a task's loss of classes with amounts",
        [*DWELL, "+loss@loss.tasks.dwell=bce"],
        "loss.tasks.dwell=bce needs labels of 0 and 1",
        "label.tasks.dwell=regression gives none",
    ),
    (
        "a task's loss of rows with amounts",
        [*DWELL, "+loss@loss.tasks.dwell=lambdarank"],
        "loss.tasks.dwell=lambdarank needs several candidates in a row",
        "sampling=none gives none",
    ),
    (
        "a task's loss of classes with grades",
        [*GRADE, "+loss@loss.tasks.grade=focal"],
        "loss.tasks.grade=focal needs labels of 0 and 1",
        "label.tasks.grade=graded gives none",
    ),
    *(
        (
            f"a task's classes weighed by={by}",
            [*TASKS, "+loss@loss.tasks.stay=balanced_bce", f"loss.tasks.stay.by={by}"],
            "loss.tasks.stay=balanced_bce needs the number of training rows of each class, because "
            f"by={by} weighs the classes by it, where by=slate does not",
            "label.tasks.stay=click_and_dwell gives none",
        )
        for by in ("counts", "effective")
    ),
    (
        "a tower of sequences",
        [*TASKS, "model@model.tower=din"],
        "model.tower=din needs what each user took up before",
        "features=[] gives none",
    ),
]


@pytest.mark.parametrize(("words", "need", "lacking"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_need_within_a_component_is_named_by_its_own_key(
    words: list[str], need: str, lacking: str, workplace: Path
) -> None:
    found = problems(words)
    assert len(found) == 1
    assert need in found[0]
    assert found[0].endswith(lacking)


@pytest.mark.parametrize(
    "words",
    [
        [*TASKS, "+loss@loss.tasks.stay=focal"],
        [*TASKS, "+loss@loss.tasks.stay=balanced_bce"],
        ["model=deepfm", "label=multi", "sampling=none", "loss=balanced_bce", "loss.by=counts"],
        ["loss=balanced_bce", "loss.by=effective"],
        [*DWELL, "+loss@loss.tasks.dwell=mse"],
        [*DWELL, "+loss@loss.tasks.click=bce", "label.primary=dwell", "monitor=ndcg@10"],
        [*GRADE, "+loss@loss.tasks.grade=huber"],
        [*TASKS, "model@model.tower=din", "features=[history]"],
    ],
    ids=lambda words: words[-1],
)
def test_what_fits_its_own_label_is_taken(words: list[str], workplace: Path) -> None:
    assert problems(words) == []


def test_a_mistake_within_a_component_is_said_with_its_key(workplace: Path) -> None:
    wanted = "model.tower: model.hidden: deepfm needs at least one hidden layer, for example [128]"
    assert problems([*TASKS, "model.tower.hidden=[]"]) == [wanted]


def test_a_task_of_grades_is_one_of_amounts_for_cross_entropy_has_no_minimum_above_1(workplace: Path) -> None:
    tasks = parts_of([*GRADE, "+label@label.tasks.dwell=regression"]).tasks
    assert {task.name for task in tasks if task.amount} == {"grade", "dwell"}


@pytest.mark.parametrize("model", ["sasrec", "gru4rec"])
def test_models_that_read_the_history_alone_take_no_other_feature(model: str, workplace: Path) -> None:
    words = [f"model={model}", "sampling=uniform", "loss=bpr"]
    assert problems([*words, "features=[history]"]) == []
    found = problems([*words, "features=[history,counters]", "features.counters.by=[user]"])
    assert len(found) == 1
    assert found[0].startswith("features=counters needs room for what is known of the query's moment")
    found = problems([*words, "features=[history]", "features.history.columns=[author]"])
    assert len(found) == 1
    assert "because user_history_author depends" in found[0]
