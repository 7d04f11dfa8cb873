"""Instances that a batch migrates while the Java engine leads them on, and then to their ends in whichever version."""

import re
from typing import Any

from support.peer.live.frame import Beside
from support.peer.live.orders import ADDED_SCOPE, KEY, LOOPS, REMINDER, RENAMED, STARTS

DEFINITIONS = """
    select 'ACT_RU_EXECUTION', proc_inst_id_, proc_def_id_, act_id_ from act_ru_execution
    union all select 'ACT_RU_TASK', proc_inst_id_, proc_def_id_, task_def_key_ from act_ru_task
    union all select 'ACT_RU_JOB', process_instance_id_, process_def_id_, null from act_ru_job
    union all select 'ACT_RU_JOBDEF of ACT_RU_JOB', j.process_instance_id_, d.proc_def_id_, d.act_id_
      from act_ru_job j join act_ru_jobdef d on d.id_ = j.job_def_id_
    union all select 'DEPLOYMENT_ID_ of ACT_RU_JOB', j.process_instance_id_, d.id_, null
      from act_ru_job j join act_re_procdef d on d.deployment_id_ = j.deployment_id_ and d.key_ = j.process_def_key_
    union all select 'ACT_RU_EXT_TASK', proc_inst_id_, proc_def_id_, act_id_ from act_ru_ext_task
    union all select 'ACT_RU_EVENT_SUBSCR', s.proc_inst_id_, p.proc_def_id_, s.activity_id_
      from act_ru_event_subscr s join act_ru_execution p on p.id_ = s.proc_inst_id_
    union all select 'ACT_RU_INCIDENT', proc_inst_id_, proc_def_id_, activity_id_ from act_ru_incident
    union all select 'ACT_RU_JOBDEF of ACT_RU_INCIDENT', i.proc_inst_id_, d.proc_def_id_, d.act_id_
      from act_ru_incident i join act_ru_jobdef d on d.id_ = i.job_def_id_
    union all select 'ACT_HI_PROCINST', id_, proc_def_id_, null from act_hi_procinst where end_time_ is null
    union all select 'ACT_HI_ACTINST', proc_inst_id_, proc_def_id_, act_id_ from act_hi_actinst where end_time_ is null
    union all select 'ACT_HI_TASKINST', proc_inst_id_, proc_def_id_, task_def_key_ from act_hi_taskinst
      where end_time_ is null
    union all select 'ACT_HI_INCIDENT', proc_inst_id_, proc_def_id_, activity_id_ from act_hi_incident
      where end_time_ is null
    union all select 'ACT_HI_VARINST', h.proc_inst_id_, h.proc_def_id_, null
      from act_hi_varinst h join act_ru_variable v on v.id_ = h.id_ join act_ru_execution e on e.id_ = v.execution_id_
      where v.task_id_ is null and v.name_ <> 'ready'
      and not (e.is_concurrent_ and not e.is_active_ and e.act_inst_id_ is null)
"""
"""Of whatever is alive: which process definition it is of, and its activity.

Variables of instances of a loop that are done with are left out: both engines leave those where they are. So is the one
that is set by itself: that changes no execution, and nothing tells a transaction which read the instance before that
it migrated meanwhile. The Java engine's own migration does not notice either.
"""


Row = tuple[str, str, str | None]
"""A table, a definition and an activity."""


def apart(beside: Beside) -> dict[str, list[Row]]:
    """Instances of which not all is of one version: the rows that are of another one than the process instance."""
    versions = dict(beside.select("select id_, version_ from act_re_procdef where key_ = %s", KEY))
    of_instances = dict(beside.select("select id_, proc_def_id_ from act_hi_procinst"))
    found: dict[str, list[Row]] = {}
    for table, instance, definition, activity in beside.select(DEFINITIONS):
        expected = of_instances[instance]
        is_new = versions.get(expected, 1) > 1
        if definition != expected or (expected in versions and activity and not _fits(activity, is_new=is_new)):
            found.setdefault(instance, []).append((table, definition, activity))
    return found


def _fits(activity: str, *, is_new: bool) -> bool:
    return activity.removesuffix("#multiInstanceBody") in LOOPS or _is_new(activity) == is_new


def _is_new(activity: str) -> bool:
    return RENAMED in activity or activity == ADDED_SCOPE


def versions_of_instances(beside: Beside) -> dict[str, tuple[int, bool]]:
    """By instance that nobody called: its version, and whether it has ended."""
    query = """
        select p.id_, d.version_, p.end_time_ is not null
        from act_hi_procinst p join act_re_procdef d on d.id_ = p.proc_def_id_ where d.key_ = %s
    """
    return {id_: (version, ended) for id_, version, ended in beside.select(query, KEY)}


DIFFERENT_VALUES = """
    select v.name_, v.proc_inst_id_ from act_ru_variable v join act_hi_varinst h on h.id_ = v.id_
    left join act_ge_bytearray b on b.id_ = v.bytearray_id_ left join act_ge_bytearray hb on hb.id_ = h.bytearray_id_
    where (v.type_, v.long_, v.double_, v.text_, b.bytes_) is distinct from
          (h.var_type_, h.long_, h.double_, h.text_, hb.bytes_)
"""


def different_values(beside: Beside) -> list[tuple[Any, ...]]:
    """Variables whose history tells another value."""
    return beside.select(DIFFERENT_VALUES)


UNKNOWN = {
    "activity instances": """
        select a.id_ from act_hi_actinst a where a.end_time_ is null
        and not exists (select from act_ru_execution e where e.act_inst_id_ = a.id_)""",
    "executions": """
        select e.id_ from act_ru_execution e
        left join act_hi_actinst a on a.id_ = e.act_inst_id_ and a.end_time_ is null
        where e.act_inst_id_ is not null and e.act_inst_id_ <> e.proc_inst_id_ and e.is_active_ and a.id_ is null""",
    "tasks": "select id_ from act_hi_taskinst where end_time_ is null except select id_ from act_ru_task",
    "open tasks": "select id_ from act_ru_task except select id_ from act_hi_taskinst where end_time_ is null",
    "incidents": "select id_ from act_hi_incident where end_time_ is null except select id_ from act_ru_incident",
    "instances": """
        select id_ from act_hi_procinst where end_time_ is null except select id_ from act_ru_execution""",
}


def unknown(beside: Beside) -> dict[str, list[str]]:
    """What the history has open and the runtime tables do not have, or the other way round."""
    found = {what: [row[0] for row in beside.select(query)] for what, query in UNKNOWN.items()}
    return {what: ids for what, ids in found.items() if ids}


def ways(beside: Beside) -> dict[str, set[str]]:
    """By where instances were started, what they have gone through in whichever versions; it is all the same.

    Left out is the end: a reminder that is left alone in the added scope leads that to another one.
    """
    by_instance = """
        select coalesce(p.business_key_, p.proc_def_key_),
               string_agg(a.act_id_ || ' ' || a.act_inst_state_, ', ' order by a.act_id_, a.act_inst_state_)
        from act_hi_actinst a join act_hi_procinst p on p.id_ = a.proc_inst_id_
        where not starts_with(a.act_id_, %s) and not starts_with(a.act_id_, %s) and a.act_id_ <> %s group by p.id_, 1
    """
    found: dict[str, set[str]] = {}
    for name, way in beside.select(by_instance, ADDED_SCOPE, REMINDER, f"{KEY}End"):
        number = re.fullmatch("order-([0-9]+)", name)
        start = STARTS[int(number[1]) % len(STARTS)] if number else name
        found.setdefault(start, set()).add(", ".join(sorted(way.replace(RENAMED, "").split(", "))))
    return found
