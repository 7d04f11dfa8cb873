"""Resolution: the set of a batch is found once, in one transaction, and frozen in the ledger."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from process_engine.batch import selection
from process_engine.batch.definition import BatchDefinition
from process_engine.batch.ledger import BatchRow, Ledger
from process_engine.batch.policies import OnJvmCode, UnknownIds
from process_engine.batch.preview import Preview
from process_engine.batch.tables import ChunkState, batch, chunk
from process_engine.database import database_of
from process_engine.engine import ProcessEngine
from process_engine.errors import BadUserRequestError

SAMPLE_SIZE = 20
SHOWN_UNKNOWN = 10


class MaxItemsExceededError(BadUserRequestError):
    """The set is larger than `maxItems`; nothing was written."""

    reason = "MaxItemsExceeded"


class UnknownIdsError(BadUserRequestError):
    """Listed ids are not there and `unknownIds` is `Reject`; nothing was written."""

    reason = "UnknownIds"


class NameInUseError(BadUserRequestError):
    """Another batch of that name is in the ledger already."""

    reason = "NameInUse"


def preview(engine: ProcessEngine, definition: BatchDefinition, sample: int = SAMPLE_SIZE) -> Preview:
    """Find the set and write nothing.

    Raises:
        BadUserRequestError: The database can have no Java engine to hand items over to.
        MaxItemsExceededError: The set is too large.
        UnknownIdsError: Listed ids are not there, and that is to be rejected.
    """
    with engine.database.connect() as connection:
        _check_hand_over(connection, definition)
        definition = _pinned(engine, connection, definition)
        unknown = _checked_unknown_ids(connection, definition)
        total = selection.count(connection, definition, engine.clock)
        _check_size(definition, total)
        ids = selection.sample(connection, definition, engine.clock, sample)
    return Preview(total, ids, unknown, _effective_query(definition))


def resolve(
    engine: ProcessEngine,
    ledger: Ledger,
    definition: BatchDefinition,
    *,
    owner_uid: str | None = None,
    suspended: bool = False,
) -> BatchRow:
    """Freeze the set: the batch's row, its chunks, and what the user operation log says of it, in one transaction.

    Raises:
        BadUserRequestError: The database can have no Java engine to hand items over to.
        MaxItemsExceededError: The set is too large.
        UnknownIdsError: Listed ids are not there, and that is to be rejected.
        NameInUseError: The ledger has a batch of that name.
    """
    batch_id, content_hash = str(uuid4()), definition.content_hash()
    try:
        with ledger.database.begin() as connection:
            _check_hand_over(connection, definition)
            definition = _pinned(engine, connection, definition)
            unknown = _checked_unknown_ids(connection, definition)
            values = _row(engine, definition, batch_id, owner_uid, suspended, unknown) | {"content_hash": content_hash}
            connection.execute(insert(batch).values(values))
            total = _insert_chunks(connection, engine, definition, batch_id)
            _check_size(definition, total)
            connection.execute(update(batch).where(batch.c.batch_id == batch_id).values(total=total))
            transaction, operation = engine.transaction(connection, definition.user_id), definition.operation
            operation.batch.log(transaction, operation.options, total)
    except IntegrityError:
        if ledger.find(definition.namespace, definition.name) is None:
            raise
        raise NameInUseError(f"The ledger has another batch {definition.namespace}/{definition.name}") from None
    return ledger.get(batch_id)


def pin(engine: ProcessEngine, definition: BatchDefinition) -> BatchDefinition:
    """The batch with names resolved as its set would be resolved now.

    Raises:
        BadUserRequestError: It would be refused.
    """
    with engine.database.connect() as connection:
        return _pinned(engine, connection, definition)


def _pinned(engine: ProcessEngine, connection: Connection, definition: BatchDefinition) -> BatchDefinition:
    operation, transaction = definition.operation, engine.transaction(connection)
    options = operation.batch.pinned(transaction, operation.options, definition.queries())
    if options == operation.options:
        return definition
    return definition.model_copy(update={"operation": operation.with_options(options)})


def _effective_query(definition: BatchDefinition) -> dict[str, Any]:
    operation = definition.operation
    return operation.batch.effective_query(definition.queries(), operation.options)


def _check_hand_over(connection: Connection, definition: BatchDefinition) -> None:
    if definition.on_jvm_code is OnJvmCode.HAND_OVER and not database_of(connection).is_shared:
        raise BadUserRequestError(
            "spec.onJvmCode is HandOver, but no Java engine can work on an embedded database; use Fail, or the "
            "database of a running engine"
        )


def _checked_unknown_ids(connection: Connection, definition: BatchDefinition) -> list[str]:
    unknown = selection.unknown_ids(connection, definition)
    if unknown and definition.unknown_ids is UnknownIds.REJECT:
        shown = ", ".join(unknown[:SHOWN_UNKNOWN]) + (" …" if len(unknown) > SHOWN_UNKNOWN else "")
        raise UnknownIdsError(f"spec.ids has {len(unknown)} ids that are not there ({shown}) and unknownIds is Reject")
    return unknown


def _check_size(definition: BatchDefinition, total: int) -> None:
    if definition.max_items is not None and total > definition.max_items:
        raise MaxItemsExceededError(f"The set has {total} items but spec.maxItems is {definition.max_items}")


def _row(
    engine: ProcessEngine,
    definition: BatchDefinition,
    batch_id: str,
    owner_uid: str | None,
    suspended: bool,
    unknown: list[str],
) -> dict[str, Any]:
    policy = definition.failure_policy
    return {
        "batch_id": batch_id,
        "namespace": definition.namespace,
        "name": definition.name,
        "owner_uid": owner_uid,
        "operation": definition.operation.type.value,
        "definition": definition.model_dump(mode="json", by_alias=True),
        "engine_facts": asdict(engine.configuration),
        "effective_query": _effective_query(definition),
        "unknown_ids": unknown,
        "total": 0,
        "resolved_time": datetime.now(UTC),
        "suspended": suspended,
        "tolerated_failed_items": policy.tolerated_failed_items,
        "stop_after_failed_items": policy.stop_after_failed_items,
        "max_attempts": policy.max_attempts,
        "job_attempts": 0,
    }


def _insert_chunks(connection: Connection, engine: ProcessEngine, definition: BatchDefinition, batch_id: str) -> int:
    """The one ``INSERT … SELECT`` of the set; returns how many items it has."""
    found = selection.chunks(connection, definition, engine.clock).subquery("found")
    values = {
        "batch_id": literal(batch_id),
        "position": found.c.position,
        "size": found.c.size,
        "item_ids": found.c.item_ids,
        "instance_ids": found.c.instance_ids,
        "state": literal(ChunkState.PENDING.value),
        "attempts": literal(0),
        "succeeded": literal(0),
        "failed": literal(0),
        "skipped": literal(0),
    }
    rows = select(*(value.label(name) for name, value in values.items()))
    connection.execute(insert(chunk).from_select(list(values), rows))
    return connection.scalar(select(func.sum(chunk.c.size)).where(chunk.c.batch_id == batch_id)) or 0
