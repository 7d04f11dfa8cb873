"""What is wrong with a BPMN file, and where."""

from process_engine.errors import ProcessEngineError


class BpmnParseError(ProcessEngineError):
    """A BPMN file cannot be read as a process definition.

    Attributes:
        line: Where in the file, from 1; null if it concerns the file as a whole.
        element_id: The nearest element with an id, if there is one.
    """

    reason = "InvalidModel"

    def __init__(self, message: str, *, line: int | None = None, element_id: str | None = None) -> None:
        place = "" if line is None else f"line {line}: "
        element = "" if element_id is None else f" (element '{element_id}')"
        super().__init__(f"{place}{message}{element}")
        self.line = line
        self.element_id = element_id
