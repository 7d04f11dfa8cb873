"""Reads what activities do: user tasks, service tasks and those like them, call activities, multi-instance."""

from collections.abc import Iterator

from process_engine.model.activities import (
    CallActivity,
    Implementation,
    ImplementationKind,
    MultiInstance,
    UserTask,
    VariableMapping,
)
from process_engine.model.extensions import read_names, read_task_listeners
from process_engine.model.xml import Element

TRUE_WORDS = ("true", "enabled", "on", "active", "yes")
TYPED = (ImplementationKind.MAIL, ImplementationKind.SHELL, ImplementationKind.EXTERNAL)
IN_ORDER = (ImplementationKind.CLASS, ImplementationKind.DELEGATE_EXPRESSION, ImplementationKind.EXPRESSION)
"""If several are given, the first counts."""
DEFAULT_SCRIPT_LANGUAGE = "juel"


def is_service_like(element: Element | None) -> bool:
    """Whether an element says what is to be done, as service tasks do."""
    if element is None:
        return False
    given = any(element.extension_attribute(name) is not None for name in (*IN_ORDER, "type"))
    return given or bool(_connectors(element))


def _connectors(element: Element) -> list[Element]:
    extensions = element.child("extensionElements")
    return [] if extensions is None else list(extensions.children("connector"))


def read_implementation(element: Element) -> Implementation | None:
    """What a service task does, or an element like one."""
    task_type = (element.extension_attribute("type") or "").lower()
    if task_type:
        return _typed(element, task_type)
    result_variable = element.extension_attribute("resultVariable") or element.extension_attribute("resultVariableName")
    for kind in (ImplementationKind.DECISION, *IN_ORDER):
        text = element.extension_attribute(kind)
        if text:
            return Implementation(kind=kind, text=text, result_variable=result_variable)
    if _connectors(element):
        return Implementation(kind=ImplementationKind.CONNECTOR, text="")
    return None


def _typed(element: Element, task_type: str) -> Implementation:
    kind = next((kind for kind in TYPED if kind == task_type), None)
    if kind is None:
        raise element.error(f"Expected the type of a service task to be external, mail or shell, but it is {task_type}")
    if kind is not ImplementationKind.EXTERNAL:
        return Implementation(kind=kind, text="")
    topic = element.extension_attribute("topic")
    if topic is None:
        raise element.error("Expected an external task to have a topic")
    return Implementation(kind=kind, text=topic, priority=element.extension_attribute("taskPriority"))


def read_script_task(element: Element) -> Implementation:
    """What a script task does."""
    script = element.child("script")
    return Implementation(
        kind=ImplementationKind.SCRIPT,
        text=script.text if script is not None else element.extension_attribute("resource") or "",
        result_variable=element.extension_attribute("resultVariable"),
    )


def read_user_task(element: Element) -> UserTask:
    """The definition of a user task's tasks."""
    owners = [_assigned(owner) for owner in element.children("potentialOwner")]
    named = [name for owner in owners for name in read_names(owner)]
    performers = [_assigned(performer) for performer in element.children("humanPerformer")]
    users = [name for name in named if name.startswith("user(")]
    return UserTask(
        name=element.attribute("name"),
        description=read_documentation(element),
        assignee=next(iter(performers), None) or element.extension_attribute("assignee"),
        candidate_users=(*map(_inside, users), *read_names(element.extension_attribute("candidateUsers"))),
        candidate_groups=(
            *(_inside(name) for name in named if name not in users),
            *read_names(element.extension_attribute("candidateGroups")),
        ),
        due_date=element.extension_attribute("dueDate"),
        follow_up_date=element.extension_attribute("followUpDate"),
        priority=element.extension_attribute("priority"),
        form_key=element.extension_attribute("formKey"),
        listeners=read_task_listeners(element),
    )


def _assigned(performer: Element) -> str | None:
    assignment = performer.child("resourceAssignmentExpression")
    expression = None if assignment is None else assignment.child("formalExpression")
    return None if expression is None else expression.text


def _inside(name: str) -> str:
    for prefix in ("user(", "group("):
        if name.startswith(prefix):
            return name[len(prefix) : -1].strip()
    return name


def read_documentation(element: Element) -> str | None:
    """The documentation of an element, which is the description of its tasks."""
    texts = [child.text.strip() for child in element.children("documentation")]
    return "\n\n".join(texts) if texts else None


def read_call(element: Element) -> CallActivity:
    """What a call activity calls."""
    called, case = element.attribute("calledElement"), element.extension_attribute("caseRef")
    if (called is None) == (case is None):
        raise element.error("Expected a call activity to name either a called element or a case")
    prefix = "calledElement" if case is None else "case"
    inputs, keys = _handed_over(element)
    return CallActivity(
        called_element=called,
        case_ref=case,
        binding=element.extension_attribute(f"{prefix}Binding") or "latest",
        version=element.extension_attribute(f"{prefix}Version"),
        version_tag=element.extension_attribute(f"{prefix}VersionTag"),
        tenant_id=element.extension_attribute(f"{prefix}TenantId") or None,
        business_key=keys[-1] if keys else None,
        inputs=inputs,
        outputs=tuple(_variable_mappings(element.extensions("out"))),
        variable_mapping=element.extension_attribute("variableMappingClass")
        or element.extension_attribute("variableMappingDelegateExpression"),
    )


def _handed_over(element: Element) -> tuple[tuple[VariableMapping, ...], list[str]]:
    """The variables handed over, and the expressions for the business key."""
    handed = element.extensions("in")
    keys = [(each, each.attribute("businessKey") or "") for each in handed]
    variables = [each for each, key in keys if not key]
    return tuple(_variable_mappings(variables)), [key for _, key in keys if key]


def _variable_mappings(elements: list[Element]) -> Iterator[VariableMapping]:
    for element in elements:
        source, expression = element.attribute("source"), element.attribute("sourceExpression")
        takes_all = element.attribute("variables") == "all"
        yield VariableMapping(
            source=None if takes_all else source or expression,
            is_expression=not takes_all and not source,
            target=element.attribute("target"),
            is_local=element.attribute("local") == "true",
        )


def read_multi_instance(element: Element) -> MultiInstance | None:
    """How often an activity is run, if it is a multi-instance one."""
    loop = element.child("multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    item = loop.child("inputDataItem")
    return MultiInstance(
        is_sequential=loop.attribute("isSequential") in TRUE_WORDS,
        cardinality=_text(loop, "loopCardinality"),
        collection=_text(loop, "loopDataInputRef") or loop.extension_attribute("collection"),
        element_variable=(None if item is None else item.attribute("name"))
        or loop.extension_attribute("elementVariable"),
        completion_condition=_text(loop, "completionCondition"),
    )


def _text(element: Element, tag: str) -> str | None:
    child = element.child(tag)
    return None if child is None else child.text
