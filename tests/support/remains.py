"""What must not remain of process instances that have ended: rows of a database that belong to nothing."""

from collections.abc import Callable, Mapping

Count = Callable[[str], int]

EXECUTION = "SELECT id_ FROM act_ru_execution"
OF_EXECUTIONS = {
    "act_ru_task": ("execution_id_", "proc_inst_id_"),
    "act_ru_variable": ("execution_id_", "proc_inst_id_"),
    "act_ru_job": ("execution_id_", "process_instance_id_"),
    "act_ru_ext_task": ("execution_id_", "proc_inst_id_"),
    "act_ru_event_subscr": ("execution_id_", "proc_inst_id_"),
    "act_ru_incident": ("execution_id_", "proc_inst_id_"),
    "act_ru_execution": ("parent_id_", "super_exec_", "proc_inst_id_", "root_proc_inst_id_"),
}
"""Columns that name an execution, by table."""

OPEN = {
    "act_hi_procinst": ("end_time_ IS NULL", "id_"),
    "act_hi_actinst": ("end_time_ IS NULL", "proc_inst_id_"),
    "act_hi_taskinst": ("end_time_ IS NULL", "proc_inst_id_"),
    "act_hi_incident": ("incident_state_ = 0", "proc_inst_id_"),
}
"""Rows of the history that are open, and which process instance must be running then."""

HOLDERS_OF_BYTES = {
    "act_ru_variable": "bytearray_id_",
    "act_ru_job": "exception_stack_id_",
    "act_ru_ext_task": "error_details_id_",
    "act_ru_batch": "configuration_",
    "act_hi_varinst": "bytearray_id_",
    "act_hi_detail": "bytearray_id_",
    "act_hi_job_log": "job_exception_stack_id_",
    "act_hi_ext_task_log": "error_details_id_",
    "act_hi_attachment": "content_id_",
    "act_hi_dec_in": "bytearray_id_",
    "act_hi_dec_out": "bytearray_id_",
}


def remains(count: Count) -> Mapping[str, int]:
    """How many rows belong to nothing, by what is wrong with them; empty where all is well.

    Args:
        count: The one number that a statement gives.
    """
    found = {what: count(f"SELECT count(*) FROM {rows}") for what, rows in _questions().items()}
    return {what: number for what, number in found.items() if number}


def _questions() -> Mapping[str, str]:
    questions = {
        f"{table}.{column}": f"{table} WHERE {column} NOT IN ({EXECUTION})"
        for table, columns in OF_EXECUTIONS.items()
        for column in columns
    }
    questions |= {
        f"{table} left open": f"{table} WHERE {is_open} AND {instance} NOT IN ({EXECUTION})"
        for table, (is_open, instance) in OPEN.items()
    }
    held = " UNION ALL ".join(
        f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL" for table, column in HOLDERS_OF_BYTES.items()
    )
    return questions | {
        "running but ended": "act_ru_execution r JOIN act_hi_procinst h ON h.id_ = r.id_ AND h.end_time_ IS NOT NULL",
        "identity links": "act_ru_identitylink WHERE task_id_ NOT IN (SELECT id_ FROM act_ru_task)",
        "byte arrays": f"act_ge_bytearray WHERE deployment_id_ IS NULL AND id_ NOT IN ({held})",
    }
