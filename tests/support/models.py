"""BPMN models of tests: as a file, read as a process definition, deployed in a database, and with running instances.

The one place where tests that need no Java engine get them from. Models that both engines run are files in
`tests/peer/models`; processes that are made at random, or edited, come from `support/peer/blocks.py`.
"""

from typing import Any

from process_engine.model import ProcessDefinition, parse
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.repository import act_re_deployment
from support.peer.blocks import Block, Event, Process
from support.rows import Rows

TASKS_AND_CALL = '<userTask id="work"/><userTask id="other"/><callActivity id="call" calledElement="p"/>'


def bpmn(body: str, key: str = "p") -> bytes:
    """The file of one process of some elements; nothing needs a sequence flow for being cancelled or migrated."""
    namespaces = (
        'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    )
    return f'<definitions {namespaces}>\n<process id="{key}">\n{body}\n</process></definitions>'.encode()


def process(body: str) -> ProcessDefinition:
    """Process `p` of some elements, as the engine reads it."""
    return parse(bpmn(body), "p")


def definition(*blocks: Block, triggered: tuple[Event, ...] = ()) -> ProcessDefinition:
    """Process `process` of blocks, one after the other, as the engine reads it."""
    return parse(Process(id="process", blocks=blocks, triggered=triggered).bpmn().encode(), "process")


def deploy(rows: Rows, body: str = TASKS_AND_CALL, *, version: int = 1, **columns: Any) -> str:
    """Deploy a version of process `p`; the id of its definition."""
    [id_] = deploy_file(rows, bpmn(body), "p", version=version, **columns)
    return id_


def deploy_file(
    rows: Rows, file: bytes | None, *keys: str, deployment: str | None = None, version: int = 1, **columns: Any
) -> list[str]:
    """Deploy one file with processes of these keys; the ids of their definitions.

    Args:
        rows: Writes to the database.
        file: BPMN; none, where the deployment lost its file.
        keys: Of the processes.
        deployment: Its id, if it matters.
        version: Of the process definitions.
        columns: What else the process definitions have.
    """
    of = deployment or rows.id("deployment")
    rows.insert(act_re_deployment, id_=of)
    if file is not None:
        values = {"rev_": 1, "type_": 1, "name_": "model.bpmn", "bytes_": file}
        rows.insert(act_ge_bytearray, id_=f"{of}-file", deployment_id_=of, **values)
    place = {"deployment_id_": of, "resource_name_": "model.bpmn"}
    return [rows.definition(key, version, id_=f"{key}:{version}:{of}", **place, **columns) for key in keys]


def running(rows: Rows, definition_id: str, **values: Any) -> str:
    """A running process instance at its task `work`, and its history."""
    id_ = rows.instance(definition_id, act_inst_id_=rows.id("work:1"), **values)
    rows.ended_instance(id_=id_, ended=False, proc_def_id_=definition_id)
    return id_
