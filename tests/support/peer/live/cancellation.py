"""Instances that a batch cancels while the Java engine leads them to their ends."""

from support.peer.live.frame import Beside, Stock
from support.peer.program import MODELS

REASON = "while the engine works"
ROOTS = ("live-tasks", "live-jobs", "live-external", "live-parallel", "live-call", "live-call-call")
FILES = [f"{key}.bpmn" for key in ("live-called", *ROOTS)]

STOCK = Stock(
    files={name: (MODELS / name).read_text() for name in FILES}, deploy=FILES, starts=[{"key": key} for key in ROOTS]
)
SPEC = {"operation": {"type": "Cancellation", "cancellation": {"deleteReason": REASON}}}

CANCELLED, ENDED = "EXTERNALLY_TERMINATED", "COMPLETED"
STATES_BY_OUTCOME = {
    ("succeeded", None): {CANCELLED},
    ("skipped", "CoveredByCaller"): {CANCELLED, ENDED},
    ("skipped", "AlreadyEnded"): {ENDED},
}
"""What an item may have become; one that is covered may have ended before its caller was cancelled."""

HALF_CANCELLED = """
    select p.id_, p.state_ from act_hi_procinst p
    left join (select proc_inst_id_ id, bool_or(act_inst_state_ = 2) cancelled from act_hi_actinst group by 1) a
      on a.id = p.id_
    left join (select proc_inst_id_ id, bool_or(delete_reason_ <> 'completed') deleted from act_hi_taskinst
               group by 1) t on t.id = p.id_
    where (p.state_ = 'COMPLETED'
           and (p.end_act_id_ is null or p.delete_reason_ is not null or a.cancelled or t.deleted))
       or (p.state_ = 'EXTERNALLY_TERMINATED'
           and (p.end_act_id_ is not null or p.delete_reason_ is distinct from %s))
       or p.state_ not in ('COMPLETED', 'EXTERNALLY_TERMINATED')
"""
ACTIVITIES = """
    select p.proc_def_key_, string_agg(a.act_id_ || ' ' || act_inst_state_, ', ' order by a.act_id_, act_inst_state_)
    from act_hi_actinst a join act_hi_procinst p on p.id_ = a.proc_inst_id_
    where p.state_ = 'COMPLETED' group by p.id_, p.proc_def_key_
"""


def half_cancelled(beside: Beside) -> list[tuple[str, str]]:
    """Instances whose history says of them that they were cancelled, and that they were not."""
    return [(id_, state) for id_, state in beside.select(HALF_CANCELLED, REASON)]


def completed_ways(beside: Beside) -> dict[str, set[str]]:
    """By process, what instances that completed have gone through; all of one process the same."""
    ways: dict[str, set[str]] = {}
    for key, way in beside.select(ACTIVITIES):
        ways.setdefault(key, set()).add(way)
    return ways
