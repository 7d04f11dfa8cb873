"""From a pydantic model to the structural OpenAPI schema that a CRD holds."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel

Schema = dict[str, Any]

PRESERVE = "x-kubernetes-preserve-unknown-fields"
_DROPPED = ("title", "$defs", "additionalProperties", "const", "default", "discriminator", "examples", "propertyNames")


def structural_schema(model: type[BaseModel], *, keeps_unknown: bool) -> Schema:
    """The schema of a model, self-contained.

    Args:
        model: Its field descriptions become the schema's.
        keeps_unknown: Unknown fields reach the operator, which refuses them; otherwise the API server drops them.
    """
    whole = model.model_json_schema(by_alias=True)
    return _Converter(whole.get("$defs", {}), keeps_unknown=keeps_unknown).convert(whole)


class _Converter:
    def __init__(self, definitions: Mapping[str, Schema], *, keeps_unknown: bool) -> None:
        self._definitions = definitions
        self._keeps_unknown = keeps_unknown

    def convert(self, given: Schema, *, nulls_matter: bool = False) -> Schema:
        schema = self._resolved(given)
        if nulls_matter:
            # The API server drops a null that is not allowed, and with it the filter; the operator must see it.
            schema["nullable"] = True
        if "anyOf" in schema and "x-kubernetes-int-or-string" not in schema:
            return _of_any_type(schema)
        converted = {name: value for name, value in schema.items() if name not in _DROPPED}
        converted |= self._default(schema)
        if "const" in schema:
            converted["enum"] = [schema["const"]]
        if converted.get("type") == "object":
            converted |= self._object(schema)
        if "items" in schema:
            converted["items"] = self.convert(schema["items"])
        return _bounded_number(converted)

    def _resolved(self, given: Schema) -> Schema:
        """Follow references and drop the null of an optional field; what stands beside a reference wins."""
        schema = dict(given)
        while "$ref" in schema or _is_optional(schema):
            if "$ref" in schema:
                name = schema.pop("$ref").rsplit("/", 1)[1]
                schema = {**self._definitions[name], **schema}
            else:
                (inner,) = [each for each in schema.pop("anyOf") if each != {"type": "null"}]
                schema = {**inner, **schema}
        return schema

    @staticmethod
    def _default(schema: Schema) -> Schema:
        default = schema.get("default")
        return {"default": default} if default is not None and default != [] else {}

    def _object(self, schema: Schema) -> Schema:
        properties = cast("dict[str, Schema]", schema.get("properties", {}))
        entries = schema.get("additionalProperties")
        if isinstance(entries, dict):
            return {"additionalProperties": self.convert(cast("Schema", entries))}
        filters = schema.get("minProperties") == 1 and self._keeps_unknown
        converted: Schema = {
            name: self.convert(each, nulls_matter=filters or _is_null_a_value(each))
            for name, each in properties.items()
        }
        return {"properties": converted} | ({PRESERVE: True} if self._keeps_unknown else {})


def _is_optional(schema: Schema) -> bool:
    kinds = schema.get("anyOf", [])
    return len(kinds) == 2 and {"type": "null"} in kinds  # noqa: PLR2004 - the type and null


def _is_null_a_value(schema: Schema) -> bool:
    return bool(schema.get("nullable"))


def _of_any_type(schema: Schema) -> Schema:
    """A value of several types, which structural schemas can only leave to the operator."""
    return {"description": schema.get("description", ""), PRESERVE: True, "nullable": True}


def _bounded_number(schema: Schema) -> Schema:
    return schema | {"format": "int64"} if schema.get("type") == "integer" else schema
