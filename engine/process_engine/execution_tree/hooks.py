"""What is run when an activity ends because it is cancelled, or when a scope is entered: listeners and mappings.

Listeners need a JVM, but for expressions over variables, which leave nothing behind. What needs one is collected, and
the operation goes on without it: whoever started it must not save what it left.

Source: AbstractEventAtomicOperation, IoMapping, InputParameter, OutputParameter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from process_engine.clock import Clock
from process_engine.configuration import JAVA_FORMAT
from process_engine.errors import JvmCodeError, ProcessEngineError
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.values.stored import StoredValue, object_value, result_of, single_of, value_of
from process_engine.execution_tree.variables import Variables
from process_engine.expressions import (
    ExpressionError,
    InputStream,
    NeedsJvmError,
    UnknownNameError,
    evaluate,
    origin_of,
)
from process_engine.expressions.java_serialization import ArrayList, JavaValue, TreeMap
from process_engine.ids import IdGenerator
from process_engine.model import JvmCode, JvmCodeKind, Moment, ProcessDefinition, jvm_code
from process_engine.model.values import (
    Listener,
    ListenerKind,
    ListValue,
    MapValue,
    NullValue,
    Parameter,
    Script,
    Text,
    Value,
)
from process_engine.transaction import Transaction


class OutputMappingError(ProcessEngineError):
    """An output mapping cannot be evaluated, by the Java engine neither."""

    reason = "OutputMapping"


class InputMappingError(ProcessEngineError):
    """An input mapping cannot be evaluated, by the Java engine neither."""

    reason = "InputMapping"


class ListenerError(ProcessEngineError):
    """A listener that is an expression cannot be evaluated, by the Java engine neither."""

    reason = "Listener"


def looks_at_variables(definition: ProcessDefinition) -> bool:
    """Whether anything that is run at an end looks at variables."""
    if any(activity.outputs for activity in definition.activities.values()):
        return True
    return any(listener.kind is ListenerKind.EXPRESSION for listener in _all_listeners(definition))


def _all_listeners(definition: ProcessDefinition) -> Iterator[Listener]:
    yield from definition.listeners
    for activity in definition.activities.values():
        yield from activity.listeners
        if activity.user_task is not None:
            yield from activity.user_task.listeners


@dataclass(slots=True)
class Hooks:
    """Runs listeners and mappings of scopes that come and go.

    Attributes:
        variables: Those of the executions; mappings set them.
        clock: Of the engine's JVM.
        new_id: Makes ids of variables.
        without_listeners: Moments of scopes, by definition, that are known to have none.
        codes: What would have needed a JVM.
        serialization_format: In which the Java engine keeps lists and maps.
    """

    variables: Variables
    clock: Clock
    new_id: IdGenerator
    skips_custom_listeners: bool
    skips_output_mappings: bool
    without_listeners: set[tuple[str, str, Moment]] = field(default_factory=set[tuple[str, str, Moment]])
    codes: list[JvmCode] = field(default_factory=list[JvmCode])
    serialization_format: str = JAVA_FORMAT
    skips_input_mappings: bool = False

    @classmethod
    def of(
        cls,
        transaction: Transaction,
        variables: Variables,
        without_listeners: set[tuple[str, str, Moment]],
        *,
        skips_custom_listeners: bool,
        skips_io_mappings: bool,
    ) -> "Hooks":
        """The hooks of an operation, as its options and the facts of the engine have it.

        Args:
            transaction: Its clock, ids and configuration.
            variables: Those of the executions.
            without_listeners: Kept for other trees of the same operation.
            skips_custom_listeners: Listeners of the models are not called.
            skips_io_mappings: Input and output mappings are not run.
        """
        configuration = transaction.configuration
        return cls(
            variables=variables,
            clock=transaction.clock,
            new_id=transaction.new_id,
            skips_custom_listeners=skips_custom_listeners,
            skips_output_mappings=skips_io_mappings or configuration.skip_output_mapping_on_canceled_activities,
            without_listeners=without_listeners,
            serialization_format=configuration.default_serialization_format,
            skips_input_mappings=skips_io_mappings,
        )

    def expect_no_jvm_code(self, refusal: str) -> None:
        """Refuse what left something out that only a JVM can run.

        Args:
            refusal: What cannot be done then: `An instance of p:1 cannot be cancelled`.

        Raises:
            JvmCodeError: There was some.
        """
        if self.codes:
            raise JvmCodeError.for_codes(refusal, self.codes)

    def call_listeners(self, execution: Execution, scope_id: str, moment: Moment) -> None:
        """Call the listeners of a scope, or of the tasks of an activity."""
        key = (execution.process_definition_id, scope_id, moment)
        if self.skips_custom_listeners or key in self.without_listeners:
            return
        listeners = _listeners(execution.definition, scope_id, moment)
        if not listeners:
            self.without_listeners.add(key)
            return
        names = set(self.variables.visible(execution))
        codes = jvm_code(execution.definition, scope_id, moment, names)
        self.codes += codes
        if not codes:
            for text in listeners:
                self._evaluate(text, execution, f"listener of '{scope_id}'", ListenerError)

    def map_outputs(self, execution: Execution) -> None:
        """Set what the output mappings of the execution's activity say, in the scope around."""
        activity = execution.activity
        if activity is None or not activity.outputs or self.skips_output_mappings:
            return
        codes = jvm_code(execution.definition, activity.id, Moment.OUTPUT)
        self.codes += codes
        if not codes:
            for parameter in activity.outputs:
                self._map(execution, parameter)

    def map_inputs(self, execution: Execution) -> None:
        """Set what the input mappings of the execution's activity say, on the execution itself."""
        activity = execution.activity
        if activity is None or not activity.inputs or self.skips_input_mappings:
            return
        codes = jvm_code(execution.definition, activity.id, Moment.INPUT)
        self.codes += codes
        for parameter in () if codes else activity.inputs:
            try:
                value = self._evaluated(execution, parameter, Moment.INPUT)
            except OutputMappingError as error:
                raise InputMappingError(str(error)) from None
            if value is not None:
                self.variables.set_local(execution, parameter.name, value, execution, self.new_id)

    def evaluate(self, text: str, execution: Execution, what: str) -> Any:
        """The value of an expression of the model, or the constant that it is.

        Raises:
            JvmCodeError: Only a JVM can tell.
        """
        try:
            return evaluate(text, _Lazily(self, execution))
        except UnknownNameError as error:
            raise JvmCodeError(f"The {what} needs a JVM: '{error.name}' is no variable in {text}") from None
        except NeedsJvmError as error:
            raise JvmCodeError(f"The {what} needs a JVM: {error} in {text}") from None
        except ExpressionError as error:
            raise ProcessEngineError(f"The {what} cannot be evaluated: {error}") from None

    def _map(self, execution: Execution, parameter: Parameter) -> None:
        value = self._evaluated(execution, parameter, Moment.OUTPUT)
        if value is not None:
            self.variables.set(execution.parent or execution, parameter.name, value, self.new_id)

    def _evaluated(self, execution: Execution, parameter: Parameter, moment: Moment) -> StoredValue | None:
        """The value of a parameter; null if only a JVM can tell."""
        what = f"{moment} mapping '{parameter.name}' of '{execution.activity_id}'"
        try:
            return self._value(parameter.value, execution, what)
        except UnknownNameError as error:
            self._needs_jvm(execution, parameter, moment, f"'{error.name}' is no variable")
        except NeedsJvmError as error:
            self._needs_jvm(execution, parameter, moment, str(error))
        return None

    def _needs_jvm(self, execution: Execution, parameter: Parameter, moment: Moment, reason: str) -> None:
        code = JvmCode(
            execution.activity_id or "",
            JvmCodeKind.INPUT_MAPPING if moment is Moment.INPUT else JvmCodeKind.OUTPUT_MAPPING,
            moment,
            parameter.value.text if isinstance(parameter.value, Text) else parameter.name,
            reason,
            parameter.name,
        )
        self.codes.append(code)

    def _value(self, value: Value, execution: Execution, what: str) -> StoredValue:
        if isinstance(value, NullValue):
            return StoredValue("null")
        if isinstance(value, Text):
            return self._stored(value.text, self._evaluate(value.text, execution, what), execution)
        if isinstance(value, Script):
            raise NeedsJvmError("a script")
        if self.serialization_format != JAVA_FORMAT:
            raise NeedsJvmError(f"a list or map is stored as {self.serialization_format}")
        return object_value(self._collection(value, execution, what))

    def _stored(self, text: str, result: Any, execution: Execution) -> StoredValue:
        value = value_of(result, self.clock)
        if value is None:
            raise NeedsJvmError("its value is a Java object")
        if isinstance(result, InputStream):
            return value  # the stream's bytes are read anew
        visible = self.variables.visible(execution)
        return replace(value, origin=origin_of(text, lambda name: visible[name].value.origin))

    def _collection(self, value: ListValue | MapValue, execution: Execution, what: str) -> ArrayList | TreeMap:
        if isinstance(value, ListValue):
            return ArrayList(tuple(self._entry(item, execution, what) for item in value.items))
        entries = [
            (single_of(self._value(key, execution, what)), self._entry(item, execution, what))
            for key, item in value.entries
        ]
        return TreeMap(tuple(entries))

    def _entry(self, value: Value, execution: Execution, what: str) -> JavaValue:
        if isinstance(value, ListValue | MapValue):
            return self._collection(value, execution, what)
        if not isinstance(value, Text):
            return single_of(self._value(value, execution, what))
        result = self._evaluate(value.text, execution, what)
        if isinstance(result, InputStream):
            raise NeedsJvmError("a list or map cannot keep the stream of a file")
        return single_of(self._stored(value.text, result, execution))

    def _evaluate(
        self, text: str, execution: Execution, what: str, failure: type[ProcessEngineError] = OutputMappingError
    ) -> Any:
        try:
            return evaluate(text, _Lazily(self, execution))
        except (NeedsJvmError, UnknownNameError):
            raise
        except ExpressionError as error:
            raise failure(f"{what}: {error}") from None


class _Lazily(Mapping[str, Any]):
    """The visible variables of an execution; only what an expression names is read."""

    def __init__(self, hooks: Hooks, execution: Execution) -> None:
        self._clock = hooks.clock
        self._visible = hooks.variables.visible(execution)

    def __getitem__(self, name: str) -> Any:
        return result_of(name, self._visible[name].value, self._clock)

    def __contains__(self, name: object) -> bool:
        return name in self._visible

    def __iter__(self) -> Any:
        return iter(self._visible)

    def __len__(self) -> int:
        return len(self._visible)


def _listeners(definition: ProcessDefinition, scope_id: str, moment: Moment) -> list[str]:
    if moment in (Moment.START, Moment.END):
        found = definition.listeners_of(scope_id)
    else:
        task = definition.activity(scope_id).user_task
        found = () if task is None else task.listeners
    return [listener.text for listener in found if listener.event == moment]
