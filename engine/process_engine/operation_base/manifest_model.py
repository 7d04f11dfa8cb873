"""What the parts of a manifest have in common: how they are read, written again, and found wrong."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, cast

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic.alias_generators import to_camel, to_snake
from pydantic_core import PydanticCustomError


class ManifestModel(BaseModel):
    """A part of a manifest: camelCase names, nothing unknown, and written again as it was given.

    A null is a field that is not there, as for the API server; only what `nullable` names knows null as a value.
    """

    nullable: ClassVar[frozenset[str]] = frozenset()

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _read_names(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        given = cast("Mapping[str, Any]", data)
        for name in given:
            cls._check_name(name)
        return {name: value for name, value in given.items() if value is not None or to_snake(name) in cls.nullable}

    @classmethod
    def _check_name(cls, name: str) -> None:
        known = [field.alias or each for each, field in cls.model_fields.items()]
        if name in known or name in cls.model_fields or cls.model_config.get("extra") == "ignore":
            return
        lower = {each.lower(): each for each in known}
        nearest = get_close_matches(name.lower(), lower, n=1)
        hint = f"did you mean {lower[nearest[0]]}?" if nearest else f"known are {', '.join(known)}"
        raise field_error(name, f"is unknown; {hint}")

    @model_serializer(mode="wrap")
    def _only_given(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        nulls = self.nullable & self.model_fields_set
        return {name: value for name, value in serialise(self).items() if value is not None or to_snake(name) in nulls}


def field_error(field: str, rule: str) -> PydanticCustomError:
    """An error about a field below the model that finds it.

    Args:
        field: Dotted path from that model.
        rule: What is wrong with which value, and what is right.
    """
    return PydanticCustomError("rule", "{field} {rule}" if field else "{rule}", {"field": field, "rule": rule})
