"""What a manifest can say so that an item needs no JVM here, in a manifest's words. Pure."""

from collections.abc import Mapping

from process_engine.errors import JvmCodeError, OutsideListenersError, ProcessEngineError, WayOut

FIELDS: Mapping[WayOut, str] = {
    WayOut.SKIP_CUSTOM_LISTENERS: "skipCustomListeners",
    WayOut.SKIP_IO_MAPPINGS: "skipIoMappings",
}
"""Options of operations as manifests name them."""
HAND_OVER = "onJvmCode: HandOver lets the Java engine do it"


def with_ways_out(error: ProcessEngineError) -> ProcessEngineError:
    """An error as whoever wrote a manifest reads it: with what he may write there instead.

    Args:
        error: Why an item failed; one that needs no JVM is returned as it is.

    Returns:
        An error of the same reason, whose text names fields of the manifest and leaves no more ways out to tell.
    """
    if isinstance(error, OutsideListenersError):
        return JvmCodeError(_of_listeners_outside(error))
    if not isinstance(error, JvmCodeError) or not error.ways_out:
        return error
    if WayOut.SET_NO_VARIABLES in error.ways_out:
        return JvmCodeError(
            f"{error}. Leave the plan's variables out, or let the Java engine do it with onJvmCode: HandOver"
        )
    options = " or ".join(FIELDS[each] for each in error.ways_out)
    return JvmCodeError(f"{error}. {options} leaves it out, {HAND_OVER}")


def _of_listeners_outside(error: OutsideListenersError) -> str:
    rule = "only skipCustomListeners skips them" if error.ways_out else "nothing skips them"
    return (
        f"{error.refusal} without the Java engine: spec.engine.listenersOutsideModel is {error.where}, plugins add "
        f"listeners to every activity, and {rule}. {HAND_OVER}"
    )
