"""The root process instance of each item: what belongs to one root stays in one chunk."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import CTE, Connection, FromClause, String, func, null, select

from process_engine.database import values_table
from process_engine.operation_base.batch_operation import BatchOperation
from process_engine.schema.runtime import act_ru_execution


def listed_ids(connection: Connection, name: str, ids: Iterable[str]) -> FromClause:
    """Ids as a table ``listed_<name>(id)``, each once."""
    return values_table(connection, f"listed_{name}".lower(), {"id": String()}, [(id_,) for id_ in dict.fromkeys(ids)])


def keyed(ids: FromClause, operation: BatchOperation[Any]) -> CTE:
    """Items with their process instance and its root: ``keyed(id, instance, own, root)``."""
    # SELECT ids.id, NULL AS instance, items.id_ AS own, coalesce(items.root_proc_inst_id_, own, ids.id) AS root
    # FROM ids LEFT JOIN <items> ON items.id_ = ids.id                     -- items that are process instances
    # SELECT ids.id, items.<instance>, …, coalesce(execution.root_proc_inst_id_, own, ids.id) AS root FROM ids
    # LEFT JOIN <items> … LEFT JOIN act_ru_execution execution ON execution.id_ = items.<instance>        -- others
    items = operation.items
    if operation.instance is None:
        own = items.c.id_
        root = items.c.root_proc_inst_id_
        source = select(ids.c.id, null().cast(String).label("instance"), own.label("own"))
        joined = source.outerjoin(items, items.c.id_ == ids.c.id)
    else:
        own = operation.instance
        root = act_ru_execution.c.root_proc_inst_id_
        source = select(ids.c.id, own.label("instance"), own.label("own"))
        joined = source.outerjoin(items, items.c.id_ == ids.c.id).outerjoin(
            act_ru_execution, act_ru_execution.c.id_ == own
        )
    return joined.add_columns(func.coalesce(root, own, ids.c.id).label("root")).cte("keyed")


def roots_of(connection: Connection, operation: BatchOperation[Any], item_ids: Sequence[str]) -> dict[str, str]:
    """Root process instance by item, as it is now."""
    items = keyed(listed_ids(connection, "items", item_ids), operation)
    return {row.id: row.root for row in connection.execute(select(items.c.id, items.c.root))}
