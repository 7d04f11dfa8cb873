"""The removal time that a whole tree of instances gets when its root ends, under the strategy `End`.

Source: DefaultHistoryEventProducer#createProcessInstanceEndEvt, DefaultHistoryRemovalTimeProvider,
HistoricProcessInstanceManager#addRemovalTimeToProcessInstancesByRootProcessInstanceId.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import DateTime, String, Table, select, update

from process_engine.configuration import RemovalTimeStrategy
from process_engine.database import in_parameter, values_table
from process_engine.execution_tree.execution import Execution
from process_engine.schema.cases import act_hi_dec_in, act_hi_dec_out, act_hi_decinst
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.history import (
    act_hi_actinst,
    act_hi_detail,
    act_hi_incident,
    act_hi_procinst,
    act_hi_taskinst,
    act_hi_varinst,
)
from process_engine.schema.history_logs import (
    act_hi_attachment,
    act_hi_comment,
    act_hi_ext_task_log,
    act_hi_identitylink,
    act_hi_job_log,
    act_hi_op_log,
)
from process_engine.schema.repository import act_re_procdef
from process_engine.transaction import Transaction

TABLES: Sequence[Table] = (
    act_hi_procinst,
    act_hi_actinst,
    act_hi_taskinst,
    act_hi_varinst,
    act_hi_detail,
    act_hi_incident,
    act_hi_ext_task_log,
    act_hi_job_log,
    act_hi_op_log,
    act_hi_identitylink,
    act_hi_comment,
    act_hi_attachment,
    act_hi_decinst,
    act_hi_dec_in,
    act_hi_dec_out,
    act_ge_bytearray,
)

DAYS_TO_LIVE = select(act_re_procdef.c.id_, act_re_procdef.c.history_ttl_).where(
    in_parameter(act_re_procdef.c.id_), act_re_procdef.c.history_ttl_.is_not(None)
)


def set_removal_times(transaction: Transaction, ended: Iterable[Execution]) -> None:
    """Give all history below the roots that ended their removal time; the last thing that an operation writes."""
    strategy = transaction.configuration.history_removal_time_strategy
    if strategy is not RemovalTimeStrategy.END or not transaction.history_level.keeps_instances:
        return
    roots = {each.id: each.process_definition_id for each in ended if each.id == each.root_process_instance_id}
    days = _days_to_live(transaction, set(roots.values()))
    times = [
        (root, transaction.now + timedelta(days=days[definition]))
        for root, definition in roots.items()
        if definition in days
    ]
    if not times:
        return
    # UPDATE act_hi_procinst SET removal_time_ = given.removal_time FROM (VALUES …) given (root, removal_time)
    #   WHERE act_hi_procinst.root_proc_inst_id_ = given.root; and so on for each table
    given = values_table(transaction.connection, "given", {"root": String(), "removal_time": DateTime()}, times)
    for table in TABLES:
        condition = table.c.root_proc_inst_id_ == given.c.root
        transaction.connection.execute(update(table).where(condition).values(removal_time_=given.c.removal_time))


def _days_to_live(transaction: Transaction, definition_ids: set[str]) -> dict[str, int]:
    if not definition_ids:
        return {}
    rows = transaction.connection.execute(DAYS_TO_LIVE, {"ids": tuple(definition_ids)}).all()
    return {row.id_: row.history_ttl_ for row in rows}
