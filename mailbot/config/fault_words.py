"""What pydantic found wrong with config.yaml, in our words: "what was found; what is allowed"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mailbot.config import values
from mailbot.yamlfile import Step

_BOUND = re.compile(r"(greater|less) than or equal to (\d+)")
#: What mail programs call what we call otherwise.
_OTHER_NAMES = {"ssl": "tls", "ssl/tls": "tls", "tls/ssl": "tls", "start tls": "starttls", "stls": "starttls"}


def lines(
    error: ValidationError, model: type[BaseModel], fault: Callable[[tuple[Step, ...], str], str]
) -> Iterator[str]:
    """The errors of a model as lines. `fault` makes a line of a path in the model and a message."""
    for detail in error.errors(include_url=False):
        yield fault(detail["loc"], message(detail, model))


def message(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """What was found and what is allowed; a value is quoted only where its reader says it may be."""
    reason = detail.get("ctx", {}).get("error")
    found = values.shown(detail["input"])
    match detail["type"]:
        case "missing":
            return "missing; this key must be given"
        case "extra_forbidden":
            *above, key = detail["loc"]
            return _unknown(str(key), _known_keys(model, above))
        case "plain":
            return detail["msg"]
        case "value_error" if isinstance(reason, values.Plain):
            return str(reason)
        case "value_error" if str(reason).startswith(found):  # a list, but not such a one
            return f"must be {reason}"
        case "value_error":
            return f"found {found}; must be {reason}"
        case "model_type" | "dict_type":
            keys = _known_keys(model, list(detail["loc"]))
            inline = ", ".join(f"{key}: …" for key in keys)
            allowed = f"{{{inline}}}" if len(keys) < 6 else "a group of keys, each with its value"
            return f"found {found}; must be {allowed}"
        case "tuple_type" | "list_type":
            dashes = "; begin each entry with a dash and a space" if isinstance(detail["input"], dict) else ""
            return f"found {found}; must be a list{dashes}"
        case "bool_type":
            return f"found {found}; must be true or false, without quotes"
        case "literal_error":
            allowed = str(detail.get("ctx", {}).get("expected", ""))
            word = detail["input"].lower() if isinstance(detail["input"], str) else ""
            close = _OTHER_NAMES.get(word, word)
            hint = f"; did you mean {close}?" if f"'{close}'" in allowed else ""
            return f"found {found}; must be {allowed.replace(chr(39), '')}{hint}"
        case "int_type":
            return f"found {found}; must be a whole number, without quotes"
        case _:
            allowed = detail["msg"].removeprefix("Input should be ").replace("'", "")
            return f"found {found}; must be {_BOUND.sub(_bound, allowed)}"


def _bound(found: re.Match[str]) -> str:
    return f"{found[2]} or {'more' if found[1] == 'greater' else 'less'}"


def _unknown(key: str, known: list[str]) -> str:
    close = values.nearest(key, known)
    return "unknown key; " + (f"did you mean {close}?" if close else f"known here: {', '.join(known)}")


def _known_keys(model: type[BaseModel], path: list[str | int]) -> list[str]:
    """The keys of the model that stands at a path below `model`."""
    for step in path:
        if isinstance(step, str) and step in model.model_fields:
            model = _model_of(model.model_fields[step].annotation) or model
    return list(model.model_fields)


def _model_of(annotation: Any) -> type[BaseModel] | None:
    """The model inside `Model`, `tuple[Model, ...]` and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_of(part))), None)
