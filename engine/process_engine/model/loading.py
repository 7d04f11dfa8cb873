"""Process definitions by their ids, read from where they were deployed.

A definition never changes, so each is parsed once for a database and kept; the least recently used go first.
"""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, and_, select

from process_engine.database import in_values
from process_engine.errors import NotFoundError
from process_engine.model.definition import ProcessDefinition
from process_engine.model.parser import parse
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.repository import act_re_procdef
from process_engine.transaction import Transaction

KEPT = 1000
"""So many definitions of a database are kept."""

_kept: WeakKeyDictionary[Engine, OrderedDict[str, ProcessDefinition]] = WeakKeyDictionary()
_lock = Lock()


def load_definitions(transaction: Transaction, process_definition_ids: Iterable[str]) -> dict[str, ProcessDefinition]:
    """The process definitions of these ids; at most one statement, for those that are not known yet.

    Raises:
        NotFoundError: An id is not that of a process definition, or its file is gone.
        BpmnParseError: A file cannot be read.

    Source: DeploymentCache#findDeployedProcessDefinitionById.
    """
    wanted = set(process_definition_ids)
    engine = transaction.connection.engine
    found = _recall(engine, wanted)
    missing = wanted - found.keys()
    if missing:
        parsed = _parse_all(_read(transaction, missing), missing)
        _keep(engine, parsed)
        found |= parsed
    return found


def _read(transaction: Transaction, ids: set[str]) -> dict[str, tuple[str, bytes | None]]:
    """By id: the key and the file."""
    # select d.id_, d.key_, b.bytes_ from act_re_procdef d left join act_ge_bytearray b
    #   on b.deployment_id_ = d.deployment_id_ and b.name_ = d.resource_name_ where d.id_ = any (:ids)
    definition, resource = act_re_procdef.c, act_ge_bytearray.c
    of_definition = and_(
        resource.deployment_id_ == definition.deployment_id_, resource.name_ == definition.resource_name_
    )
    query = (
        select(definition.id_, definition.key_, resource.bytes_)
        .join_from(act_re_procdef, act_ge_bytearray, of_definition, isouter=True)
        .where(in_values(definition.id_, ids))
    )
    return {row.id_: (row.key_, row.bytes_) for row in transaction.connection.execute(query)}


def _parse_all(files: dict[str, tuple[str, bytes | None]], ids: set[str]) -> dict[str, ProcessDefinition]:
    parsed: dict[str, ProcessDefinition] = {}
    for id_ in sorted(ids):
        key, xml = files.get(id_, (None, None))
        if key is None:
            raise NotFoundError(f"no deployed process definition found with id '{id_}': processDefinition is null")
        if xml is None:
            raise NotFoundError(f"Process definition '{id_}' has no BPMN file in its deployment")
        parsed[id_] = parse(bytes(xml), key)
    return parsed


def _recall(engine: Engine, ids: set[str]) -> dict[str, ProcessDefinition]:
    with _lock:
        kept = _kept.get(engine, OrderedDict())
        known = ids & kept.keys()
        for id_ in known:
            kept.move_to_end(id_)
        return {id_: kept[id_] for id_ in known}


def _keep(engine: Engine, definitions: dict[str, ProcessDefinition]) -> None:
    with _lock:
        kept = _kept.setdefault(engine, OrderedDict())
        kept.update(definitions)
        while len(kept) > KEPT:
            kept.popitem(last=False)
