"""Components that are checked and wait for what the run gives them.

The only module that turns a `_target_` into an object.
"""

import importlib
import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args, get_origin, get_type_hints

from hydra.errors import InstantiationException
from hydra.utils import get_class, instantiate
from pydantic import ConfigDict, PydanticSchemaGenerationError, TypeAdapter, ValidationError

from recsys.compose import nearest
from recsys.types import Counts, Facts, Graph, Need, Schema, TrainRows, UserError

HYDRA_KEYS = ("_target_", "_convert_", "_recursive_", "_partial_")
INJECTED = (Schema, Counts, Graph, Facts, TrainRows)
"""What models, losses and samplers can ask for by the type of a positional argument."""


@dataclass(frozen=True)
class Recipe:
    """A component that is checked and waits for what the run gives it.

    Attributes:
        axis: where it stands in the config (`loss`, `callbacks.early_stopping`).
        choice: the name that was chosen.
        target: its class.
        arguments: its keyword arguments.
    """

    axis: str
    choice: str
    target: type
    arguments: Mapping[str, Any]

    def __call__(self, *nouns: object) -> Any:
        """The component; its positional arguments are taken from the nouns by their type."""
        keywords = {key: _nested(f"{self.axis}.{key}", value, nouns) for key, value in self.arguments.items()}
        return self.target(*_given(self.target, nouns), **keywords)

    def over(self, first: object) -> Any:
        """The component, its one positional argument given."""
        return self.target(first, **self.keywords)

    @property
    def identity(self) -> str:
        """Class and arguments as text: equal texts, equal components."""
        return json.dumps([f"{self.target.__module__}.{self.target.__qualname__}", self.arguments], default=str)

    @cached_property
    def keywords(self) -> dict[str, Any]:
        """The keyword arguments, nested components built."""
        return {key: _nested(f"{self.axis}.{key}", value) for key, value in self.arguments.items()}


class Problems(list[str]):
    """Collects messages."""


def recipe_of(axis: str, value: Any, base: type, choice: str, problems: Problems) -> Recipe:
    """The checked recipe of one component; a placeholder where there was a problem."""
    blank = Recipe(axis, choice, object, {})
    if not isinstance(value, dict) or "_target_" not in value:
        problems.append(f"{axis}: no component is chosen; write {axis.split('.', maxsplit=1)[0]}=<choice>")
        return blank
    target = _locate(axis, str(value["_target_"]), problems)
    if target is None:
        return blank
    if not (isinstance(target, type) and issubclass(target, base)):
        problems.append(
            f"{axis}._target_: {value['_target_']} is no {base.__module__}.{base.__name__}; "
            "name a class that derives from it"
        )
        return blank
    if base is not object:
        _check_injected(axis, target, problems)
    arguments = {key: given for key, given in value.items() if key not in HYDRA_KEYS}
    checked = _check_arguments(axis, target, arguments, problems)
    return Recipe(axis, choice or str(value["_target_"]), target, checked)


def recipes_of(axis: str, value: Any, base: type, problems: Problems) -> dict[str, Recipe]:
    """The recipes of an axis that takes several components by name."""
    entries = value if isinstance(value, dict) else {}
    return {
        name: recipe_of(f"{axis}.{name}", entry, base, name, problems)
        for name, entry in entries.items()
        if entry is not None
    }


def made(recipe: Recipe, problems: Problems) -> Any:
    """The component, which needs nothing of the run."""
    try:
        return recipe()
    except UserError as error:
        problems.extend(error.problems)
        return None


def _locate(axis: str, path: str, problems: Problems) -> type | None:
    module_name, _, name = path.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        problems.append(f"{axis}._target_: cannot import {module_name!r} for {path}: {error}")
        return None
    found = getattr(module, name, None)
    if found is None:
        classes = [n for n, o in vars(module).items() if inspect.isclass(o) and o.__module__ == module_name]
        problems.append(f"{axis}._target_: {module_name} has no {name!r}; {nearest(name, classes)}")
    return found


def _positional(target: type) -> list[str]:
    """The constructor's arguments that come from the run: given by place, without a default."""
    parameters = list(inspect.signature(target).parameters.values())
    return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty]


def _check_injected(axis: str, target: type, problems: Problems) -> None:
    """Positional arguments have to be nouns that the run can give."""
    hints = _hints(target)
    for name in _positional(target):
        if hints.get(name) not in INJECTED:
            nouns = ", ".join(noun.__name__ for noun in INJECTED)
            problems.append(
                f"{axis}: {target.__name__} takes {name!r} by place, which the run cannot give; "
                f"annotate it as one of {nouns}, or make it keyword-only"
            )


def _check_arguments(axis: str, target: type, arguments: dict[str, Any], problems: Problems) -> dict[str, Any]:
    """The arguments, checked against the constructor's names and types."""
    parameters = inspect.signature(target).parameters
    free = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    names = [
        name
        for name, p in parameters.items()
        if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and name not in _positional(target)
    ]
    hints = _hints(target)
    strict = not target.__module__.startswith(("torch.", "pytorch_lightning."))
    checked = {}
    for key, value in arguments.items():
        if key not in names and not free:
            problems.append(f"{axis}.{key}: {target.__name__} has no such argument; {nearest(key, names)}")
            continue
        checked[key] = check_value(f"{axis}.{key}", value, hints.get(key, Any), problems, strict=strict)
    for name in names:
        required = parameters[name].default is inspect.Parameter.empty
        if required and name not in arguments:
            problems.append(f"{axis}.{name}: no value is given; write {axis}.{name}=…")
    return checked


def _hints(target: type) -> dict[str, Any]:
    try:
        return get_type_hints(target.__init__, include_extras=True)
    except NameError:
        return {}


def check_value(key: str, value: Any, annotation: Any, problems: list[str], *, strict: bool = True) -> Any:
    """The value, if it is of the annotated type; otherwise a message that names the key."""
    if isinstance(value, dict) and "_target_" in value:
        if _component(annotation) is not object:
            place, _, name = key.rpartition(".")
            _check_components(place, {name: value}, annotation, problems)
        return value
    if isinstance(value, dict) and any(
        isinstance(entry, dict) and "_target_" in entry for entry in value.values()
    ):
        _check_components(key, value, annotation, problems)
        return value
    try:
        adapter = TypeAdapter(annotation, config=_config(annotation))
    except PydanticSchemaGenerationError:
        return value
    try:
        return adapter.validate_python(value, strict=strict)
    except ValidationError as error:
        details = error.errors(include_url=False)
        where = "".join(f"[{part}]" for part in details[0]["loc"] if isinstance(part, int))
        wanted = "; or ".join(dict.fromkeys(detail["msg"].lower() for detail in details))
        problems.append(f"{key}{where}={value!r}: {wanted}")
        return value


def _check_components(key: str, value: dict[str, Any], annotation: Any, problems: list[str]) -> None:
    """Components by name, each checked like one that stands alone."""
    base, found = _component(annotation), Problems()
    for name, entry in value.items():
        recipe_of(f"{key}.{name}", entry, base, name, found)
    problems.extend(found)


def _component(annotation: Any) -> type:
    """The class of components in an annotation: `Loss`, `Ranker[Any]` or `Mapping[str, Label]`, or a union."""
    if isinstance(annotation, type):
        return annotation if annotation.__module__.startswith("recsys.") else object
    inner = (get_origin(annotation), *get_args(annotation))
    return next((found for part in inner if (found := _component(part)) is not object), object)


def _config(annotation: Any) -> ConfigDict | None:
    plain = isinstance(annotation, type) and hasattr(annotation, "__pydantic_core_schema__")
    return None if plain else ConfigDict(arbitrary_types_allowed=True)


def _given(target: type, nouns: Sequence[object]) -> list[object]:
    """The nouns that a class takes by place."""
    hints = get_type_hints(target.__init__)
    return [next(noun for noun in nouns if isinstance(noun, hints[name])) for name in _positional(target)]


def _nested(place: str, value: Any, nouns: Sequence[object] = ()) -> Any:
    """A component within a component, built; it is given the same nouns."""
    if not isinstance(value, dict):
        return value
    if "_target_" not in value:
        return {key: _nested(f"{place}.{key}", inner, nouns) for key, inner in value.items()}
    given = _given(get_class(value["_target_"]), nouns) if nouns else ()
    try:
        return instantiate(value, *given)
    except InstantiationException as error:
        if isinstance(error.__cause__, UserError):
            raise UserError(*(f"{place}: {problem}" for problem in error.__cause__.problems)) from None
        raise


def within(part: object) -> Iterator[Recipe]:
    """The components in a recipe's arguments, at any depth, each under its own key."""
    if isinstance(part, Recipe):
        yield from _within(part.axis, part.arguments)


def _within(place: str, values: Mapping[str, Any]) -> Iterator[Recipe]:
    for name, value in values.items():
        if isinstance(value, dict):
            key = f"{place}.{name}"
            if "_target_" in value:
                arguments = {own: given for own, given in value.items() if own not in HYDRA_KEYS}
                yield Recipe(key, "", get_class(value["_target_"]), arguments)
            yield from _within(key, value)


def needs_of(part: object) -> list[Need]:
    """What a component, or the class of a recipe, needs."""
    if isinstance(part, Recipe) and hasattr(part.target, "needs_with"):
        return list(part.target.needs_with(part.arguments))
    return list(getattr(part.target if isinstance(part, Recipe) else part, "needs", ()))


def gives_of(part: object) -> frozenset[str]:
    """What a component, or the class of a recipe, gives."""
    return frozenset(getattr(part.target if isinstance(part, Recipe) else part, "gives", ()))
