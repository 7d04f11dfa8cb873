"""Which elements of a model only a JVM can run when an activity is cancelled."""

from pathlib import Path

from process_engine.model import JvmCodeKind, Moment, ProcessDefinition, jvm_code, parse
from process_engine.model.jvm_code import CANCELLATION
from support.models import process

MODELS = Path(__file__).parent / "models"


def with_extensions(extensions: str) -> ProcessDefinition:
    task = f'<userTask id="t"><extensionElements>{extensions}</extensionElements></userTask>'
    return process(task)


def with_output(value: str) -> ProcessDefinition:
    parameter = f'<camunda:outputParameter name="o">{value}</camunda:outputParameter>'
    return with_extensions(f"<camunda:inputOutput>{parameter}</camunda:inputOutput>")


def texts(definition: ProcessDefinition, moment: Moment, variables: set[str] | None = None) -> list[str]:
    return [code.text for code in jvm_code(definition, "t", moment, variables)]


def test_classes_delegates_and_scripts_are_jvm_code_and_plain_expressions_are_not() -> None:
    definition = with_extensions(
        '<camunda:executionListener event="end" class="org.example.A"/>'
        '<camunda:executionListener event="end" delegateExpression="${bean}"/>'
        '<camunda:executionListener event="end" expression="${bean.run()}"/>'
        '<camunda:executionListener event="end" expression="${variable}"/>'
        '<camunda:executionListener event="end"><camunda:script scriptFormat="groovy">x</camunda:script>'
        "</camunda:executionListener>"
        '<camunda:executionListener event="start" class="org.example.B"/>'
    )

    assert texts(definition, Moment.END) == ["org.example.A", "${bean}", "${bean.run()}", "x"]


def test_only_the_delete_listeners_of_a_task_run_when_it_is_cancelled() -> None:
    definition = with_extensions(
        '<camunda:taskListener event="delete" class="org.example.A"/>'
        '<camunda:taskListener event="complete" class="org.example.B"/>'
    )

    found = [code for moment in CANCELLATION for code in jvm_code(definition, "t", moment)]

    assert [(code.kind, code.text) for code in found] == [(JvmCodeKind.TASK_LISTENER, "org.example.A")]


def test_mappings_without_beans_and_scripts_need_no_jvm() -> None:
    definition = with_output(
        "<camunda:list><camunda:value>a</camunda:value><camunda:value>${b + 1}</camunda:value></camunda:list>"
    )

    assert texts(definition, Moment.OUTPUT) == []


def test_scripts_and_calls_are_found_however_deep_they_are() -> None:
    definition = with_output(
        '<camunda:map><camunda:entry key="${key()}"><camunda:list><camunda:value>${a.b()}</camunda:value>'
        '<camunda:script scriptFormat="groovy">1</camunda:script></camunda:list></camunda:entry></camunda:map>'
    )

    assert texts(definition, Moment.OUTPUT) == ["${key()}", "${a.b()}", "1"]


def test_a_name_is_a_bean_if_it_is_no_variable() -> None:
    definition = with_output("${name}")

    assert texts(definition, Moment.OUTPUT) == []
    assert texts(definition, Moment.OUTPUT, {"name"}) == []
    assert texts(definition, Moment.OUTPUT, {"other"}) == ["${name}"]


def test_what_cannot_be_read_here_is_left_to_the_jvm() -> None:
    definition = with_output("${" + "(" * 5000 + "1" + ")" * 5000 + "}")

    assert jvm_code(definition, "t", Moment.OUTPUT) == ()
    assert len(texts(with_output("${" + "-" * 5000 + "1}"), Moment.OUTPUT)) == 1


def test_the_process_itself_has_listeners() -> None:
    events = parse((MODELS / "events.bpmn").read_bytes(), "events")

    [code] = jvm_code(events, "events", Moment.END)

    assert str(code) == "end execution listener of 'events': org.example.Ended (a class)"
    assert jvm_code(events, "events", Moment.OUTPUT) == jvm_code(events, "events", Moment.TASK_DELETE) == ()


def test_a_message_names_the_mapping() -> None:
    [code] = jvm_code(with_output("${bean.get(\n1)}"), "t", Moment.OUTPUT)

    assert str(code) == "output mapping 'o' of 't': ${bean.get( 1)} (calls the method 'get')"
