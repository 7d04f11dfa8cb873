"""Files that would harm, and files that are broken, are refused with the place where they are."""

import pytest

from process_engine.model import BpmnParseError, parse
from support.models import bpmn

ENTITIES = b"""<!DOCTYPE definitions [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<definitions><process id="p"><startEvent id="s" name="&b;"/></process></definitions>"""
EXTERNAL = b"""<!DOCTYPE definitions [<!ENTITY file SYSTEM "file:///etc/hostname">]>
<definitions><process id="p"><documentation>&file;</documentation></process></definitions>"""


def task(extensions: str) -> str:
    return f'<task id="t"><extensionElements>{extensions}</extensionElements></task>'


@pytest.mark.parametrize(
    "file",
    [
        ENTITIES,
        EXTERNAL,
        b"<!DOCTYPE definitions><definitions/>",
        b'<!DOCTYPE definitions SYSTEM "http://127.0.0.1:1/x.dtd"><definitions/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE definitions><definitions/>'.encode("utf-16"),
    ],
    ids=["entities", "external entity", "bare", "external", "utf-16"],
)
def test_a_document_type_is_refused(file: bytes) -> None:
    with pytest.raises(BpmnParseError, match="DOCTYPE"):
        parse(file, "p")


def test_elements_nested_without_end_are_refused() -> None:
    with pytest.raises(BpmnParseError, match="well-formed"):
        parse(b"<definitions>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</definitions>", "p")


@pytest.mark.parametrize(
    ("content", "line", "element", "message"),
    [
        ('<userTask id="a"/>\n<task id="a"/>', 4, "a", "is there twice"),
        ('<userTask id="a"/>\n\n<task/>', 5, "p", "to have the attribute 'id'"),
        ('<boundaryEvent id="b" attachedToRef="gone"><timerEventDefinition/></boundaryEvent>', 3, "b", "'gone'"),
        ('<sequenceFlow id="f" sourceRef="a" targetRef="b"/>', 3, "f", "'a' as sourceRef"),
        ('<callActivity id="c"/>', 3, "c", "a called element or a case"),
        ('<receiveTask id="r" messageRef="m"/>', 3, "r", "a message with id 'm'"),
        (
            task('\n<camunda:executionListener event="end"/>'),
            4,
            "t",
            "a class, an expression",
        ),
        (
            task('\n<camunda:executionListener class="c" event="take"/>'),
            4,
            "t",
            "to be start or end",
        ),
        (
            task("<camunda:inputOutput>\n<camunda:outputParameter/></camunda:inputOutput>"),
            4,
            "t",
            "attribute 'name'",
        ),
    ],
)
def test_an_error_tells_its_line_and_element(content: str, line: int, element: str, message: str) -> None:
    with pytest.raises(BpmnParseError, match=message) as caught:
        parse(bpmn(content), "p")

    assert (caught.value.line, caught.value.element_id) == (line, element)
    assert str(caught.value).startswith(f"line {line}: ")


def test_a_key_that_is_not_in_the_file_is_refused() -> None:
    with pytest.raises(BpmnParseError, match="a process with the id 'q'"):
        parse(bpmn(""), "q")


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(BpmnParseError, match="Expected <definitions>, but found <html>"):
        parse(b"<html/>", "p")
