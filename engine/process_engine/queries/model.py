"""The models of queries, made from their vocabularies.

What a query does not say must never widen what it selects. So unknown names, empty queries, false flags, nulls and
filters that contradict each other are refused, each with the name at fault; everything is selected by ``all`` alone.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, create_model, model_serializer, model_validator

from process_engine.queries.kinds import Bounded, Flag
from process_engine.queries.vocabulary import Vocabulary

MOST_OR_QUERIES = 10
ALL = "all"
OR_QUERIES = "orQueries"


class QueryPart(BaseModel):
    """Filters by name, as a query and the entries of ``orQueries`` have them."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"minProperties": 1})

    vocabulary: ClassVar[Vocabulary]

    @property
    def filters(self) -> Mapping[str, Any]:
        """The values of the filters that are given, by name."""
        given = {name: getattr(self, name) for name in self.vocabulary.by_name}
        return {name: value for name, value in given.items() if value is not None}

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_names(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            for name, value in data.items():  # pyright: ignore[reportUnknownVariableType]
                _check_name(str(name), value, cls)  # pyright: ignore[reportUnknownArgumentType]
        return data  # pyright: ignore[reportUnknownVariableType]

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> Self:
        filters = self.filters
        for one, other in self.vocabulary.exclusive:
            if one in filters and other in filters:
                raise ValueError(f"{one} and {other} exclude each other")
        for name in filters:
            target = self.vocabulary.by_name[name].modifies
            if target is not None and target not in filters:
                raise ValueError(f"{name} has no effect without {target}")
        return self

    @model_serializer(mode="wrap")
    def _only_given(self, serialise: Any) -> dict[str, Any]:
        return {name: value for name, value in serialise(self).items() if value is not None}


class OrQuery(QueryPart):
    """An entry of ``orQueries``: filters of which one must hold."""

    @model_validator(mode="after")
    def _refuse_empty(self) -> Self:
        if not self.filters:
            raise ValueError("an entry of orQueries needs a filter")
        return self


class Query(QueryPart):
    """A query: filters that all must hold, or ``all``."""

    @property
    def selects_all(self) -> bool:
        """Whether it was written as ``{all: true}``."""
        return getattr(self, ALL) is not None

    @property
    def or_queries(self) -> tuple[OrQuery, ...]:
        """The groups of filters of each of which one must hold."""
        return getattr(self, OR_QUERIES, None) or ()

    @model_validator(mode="after")
    def _refuse_empty(self) -> Self:
        if self.selects_all and (self.filters or self.or_queries):
            raise ValueError(f"{ALL} stands alone, but {', '.join([*self.filters, OR_QUERIES][:1])} is given too")
        if not self.selects_all and not self.filters and not self.or_queries:
            subject = self.vocabulary.subject
            raise ValueError(f"the query has no filter; write {{{ALL}: true}} to select all {subject}")
        return self

    @model_validator(mode="after")
    def _refuse_what_selects_nothing(self) -> Self:
        filters = self.filters
        for low, high in self.vocabulary.ascending:
            if low in filters and high in filters and filters[low] > filters[high]:
                raise ValueError(f"{low} must not be above {high}: nothing can be between them")
        states = [name for name in self.vocabulary.single if name in filters]
        if len(states) > 1:
            raise ValueError(f"{states[0]} and {states[1]} exclude each other")
        return self


def _check_name(name: str, value: Any, model: type[QueryPart]) -> None:
    known = model.model_fields
    if name not in known:
        lower = {each.lower(): each for each in known}
        nearest = get_close_matches(name.lower(), lower, n=1)
        hint = f"; did you mean {lower[nearest[0]]}?" if nearest else ""
        raise ValueError(f"unknown filter {name}{hint}")
    if value is None:
        raise ValueError(f"{name} is null; leave the filter out instead")


def or_query_model(name: str, vocabulary: Vocabulary) -> type[OrQuery]:
    """The model of an entry of ``orQueries``."""
    model = create_model(
        name,
        __base__=OrQuery,
        __doc__=f"Filters on {vocabulary.subject}, one of which must hold.",
        **_fields(vocabulary),
    )
    model.vocabulary = vocabulary
    return model


def query_model(name: str, vocabulary: Vocabulary) -> type[Query]:
    """The model of a query, to be subclassed under its public name."""
    extra: dict[str, Any] = {
        ALL: (_optional(Flag), Field(default=None, description=f"Select all {vocabulary.subject}; stands alone."))
    }
    if vocabulary.has_or_queries:
        entry = or_query_model(f"{name}OrQuery", vocabulary)
        entries: Any = Annotated[tuple[entry, ...], Bounded(MOST_OR_QUERIES)]
        description = "Groups of filters: of each group, at least one filter must hold."
        extra[OR_QUERIES] = (_optional(entries), Field(default=None, description=description))
    model = create_model(f"{name}Base", __base__=Query, **_fields(vocabulary), **extra)
    model.vocabulary = vocabulary
    return model


def _fields(vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        each.name: (_optional(each.kind), Field(default=None, description=each.description))
        for each in vocabulary.filters
    }


def _optional(kind: Any) -> Any:
    return kind | None
