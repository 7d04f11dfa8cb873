"""The set of a batch as SQL: the union of ids and queries, without duplicates, in order, cut into chunks.

Order: root process instance, then called before caller, then id. What belongs to one root stays in one chunk, because
incidents reach up the whole chain of callers. An id that is listed but not there is its own root.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    SelectBase,
    distinct,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union,
)

from process_engine.batch.definition import BatchContent
from process_engine.batch.roots import keyed, listed_ids
from process_engine.clock import Clock
from process_engine.database import StringList, database_of, list_of
from process_engine.operation_base.batch_operation import BatchOperation
from process_engine.schema.history import act_hi_procinst
from process_engine.schema.runtime import act_ru_execution


def selected(connection: Connection, content: BatchContent, clock: Clock) -> CTE:
    """The ids of the set: the union of lists and queries, without what is excluded."""
    operation = content.operation.batch
    parts = [select(part.subquery().c[0].label("id")) for part in _sources(content, clock)]
    parts += _listed(connection, content, operation)
    united = union(*parts).subquery("united") if parts else select(null().label("id")).where(false()).subquery("united")
    taken_out = or_(false(), *operation.excluded(content.excluded(), united.c.id))
    return select(united.c.id).where(~taken_out).cte("selected")


def _sources(content: BatchContent, clock: Clock) -> Iterator[SelectBase]:
    operation = content.operation
    queries = operation.batch.guarded(content.queries(), operation.options)
    return operation.batch.sources(content.listed(), queries, clock)


def _listed(connection: Connection, content: BatchContent, operation: BatchOperation[Any]) -> list[Select[Any]]:
    """Listed ids that are items, and those of other kinds that are not there: they become items of their own."""
    parts: list[Select[Any]] = []
    for name, ids in content.listed().items():
        given = listed_ids(connection, name, ids)
        query = select(given.c.id)
        parts.append(
            query if operation.table_of(name) is operation.items else query.where(~_is_there(operation, name, given))
        )
    return parts


def _is_there(operation: BatchOperation[Any], name: str, given: FromClause) -> ColumnElement[bool]:
    table = operation.table_of(name)
    found = select(literal(1)).where(table.c.id_ == given.c.id)
    if table is act_ru_execution:
        found = found.where(act_ru_execution.c.parent_id_.is_(None))
    if (ended := operation.ended) is None:
        return found.exists()
    return found.exists() | select(literal(1)).where(ended.c.id_ == given.c.id).exists()


def unknown_ids(connection: Connection, content: BatchContent) -> list[str]:
    """Listed ids that are not there, in the order of the lists."""
    operation = content.operation.batch
    excluded = {id_ for ids in content.excluded().values() for id_ in ids}
    found: list[str] = []
    for name, ids in content.listed().items():
        given = listed_ids(connection, name, ids)
        missing = set(connection.scalars(select(given.c.id).where(~_is_there(operation, name, given))))
        found += [id_ for id_ in dict.fromkeys(ids) if id_ in missing and id_ not in excluded]
    return found


# ---------------------------------------------------------------- order and chunks


def chunks(connection: Connection, content: BatchContent, clock: Clock) -> Select[*tuple[Any, ...]]:
    """Chunks of about `chunk_size` items: position of the first, number, ids, and process instance ids of the items.

    Roots are kept whole: a chunk holds all roots that begin within its stretch of `chunk_size` items.
    """
    # SELECT min(place) AS position, count(*) AS size, array_agg(id ORDER BY place) AS item_ids, … AS instance_ids
    # FROM (SELECT id, instance, place, min(place) OVER (PARTITION BY root) AS first FROM <numbered>) rooted
    # GROUP BY first / <chunk size>
    ordered = _numbered(connection, content, clock)
    first = func.min(ordered.c.place).over(partition_by=ordered.c.root)
    rooted = select(ordered.c.id, ordered.c.instance, ordered.c.place, first.label("first")).order_by(ordered.c.place)
    rows = rooted.subquery("rooted")
    stretch = rows.c.first.cast(Integer) // content.chunk_size
    is_instance = content.operation.batch.instance is None
    instances = null().cast(StringList()) if is_instance else list_of(rows.c.instance, rows.c.place)
    return select(
        func.min(rows.c.place).label("position"),
        func.count().label("size"),
        list_of(rows.c.id, rows.c.place).label("item_ids"),
        instances.label("instance_ids"),
    ).group_by(stretch)


def _numbered(connection: Connection, content: BatchContent, clock: Clock) -> FromClause:
    # SELECT id, instance, root, row_number() OVER (ORDER BY root, coalesce(depth, 0) DESC, id) - 1 AS place
    # FROM keyed LEFT JOIN depths ON depths.instance = keyed.own
    operation = content.operation.batch
    items = keyed(selected(connection, content, clock), operation)
    depth = _depths(items, operation)
    by_bytes = database_of(connection).by_bytes
    order = (by_bytes(items.c.root), func.coalesce(depth.c.depth, 0).desc(), by_bytes(items.c.id))
    place = func.row_number().over(order_by=order) - 1
    query = select(items.c.id, items.c.instance, items.c.root, place.label("place"))
    return query.outerjoin(depth, depth.c.instance == items.c.own).subquery("numbered")


def _depths(items: CTE, operation: BatchOperation[Any]) -> FromClause:
    """How many callers a called instance has above it: ``depths(instance, depth)``; roots are not in it.

    WITH RECURSIVE callers AS (SELECT DISTINCT own, own, 0 FROM keyed WHERE own <> root
      UNION ALL SELECT instance, caller of at, depth + 1 FROM callers JOIN …)
    """
    called = select(items.c.own.label("instance"), items.c.own.label("at"), literal(0).label("depth"))
    callers = called.where(items.c.own != items.c.root).distinct().cte("callers", recursive=True)
    above = _caller_in_history(callers) if operation.items is act_hi_procinst else _caller(callers)
    every = callers.union_all(above)
    return (
        select(every.c.instance, func.max(every.c.depth).label("depth")).group_by(every.c.instance).subquery("depths")
    )


def _caller(callers: CTE) -> Select[*tuple[Any, ...]]:
    instance, caller = act_ru_execution.alias("instance"), act_ru_execution.alias("caller")
    return select(callers.c.instance, caller.c.proc_inst_id_, callers.c.depth + 1).where(
        instance.c.id_ == callers.c.at, caller.c.id_ == instance.c.super_exec_
    )


def _caller_in_history(callers: CTE) -> Select[*tuple[Any, ...]]:
    instance = act_hi_procinst.alias("instance").c
    return select(callers.c.instance, instance.super_process_instance_id_, callers.c.depth + 1).where(
        instance.id_ == callers.c.at, instance.super_process_instance_id_.is_not(None)
    )


def count(connection: Connection, content: BatchContent, clock: Clock) -> int:
    """How many items the set has now."""
    ids = selected(connection, content, clock)
    return connection.scalar(select(func.count(distinct(ids.c.id)))) or 0


def sample(connection: Connection, content: BatchContent, clock: Clock, size: int) -> list[str]:
    """The first ids of the set in its order."""
    numbered = _numbered(connection, content, clock)
    query = select(numbered.c.id).where(numbered.c.place < size).order_by(numbered.c.place)
    return list(connection.scalars(query))
