"""BPMN files as trees of elements: what the family's XML parser sees, and nothing that a hostile file could abuse.

Elements are found by their local names, as the family finds them; extensions by the first of its namespaces that has
any of that name.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from process_engine.model.errors import BpmnParseError

EXTENSION_NAMESPACES = (
    "http://operaton.org/schema/1.0/bpmn",
    "http://camunda.org/schema/1.0/bpmn",
    "http://activiti.org/bpmn",
)
EXTENSIONS = "extensionElements"


@dataclass(frozen=True, eq=False)
class Element:
    """An element of a BPMN file."""

    node: "etree._Element"  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

    @property
    def tag(self) -> str:
        """The local name."""
        return etree.QName(self.node).localname

    @property
    def namespace(self) -> str | None:
        """The namespace's URI."""
        return etree.QName(self.node).namespace

    @property
    def line(self) -> int | None:
        """Where the element starts, from 1."""
        return self.node.sourceline

    @property
    def text(self) -> str:
        """All text that stands directly in the element, also between its children."""
        return (self.node.text or "") + "".join(child.tail or "" for child in self.node)

    @property
    def id(self) -> str:
        """The id, which every activity has.

        Raises:
            BpmnParseError: It has none.
        """
        return self.required("id")

    def attribute(self, name: str) -> str | None:
        """An attribute without a namespace; ids and references as the schema has them, without white space."""
        value = self.node.get(name)
        is_reference = name in ("id", "default") or name.endswith("Ref")
        return value.strip() if value is not None and is_reference else value

    def required(self, name: str) -> str:
        """An attribute that may be neither missing nor empty."""
        value = self.attribute(name)
        if not value:
            raise self.error(f"Expected <{self.tag}> to have the attribute '{name}'")
        return value

    def is_true(self, name: str, default: str = "false") -> bool:
        """Whether an attribute says true, in any case of letters; the schema gives some a default."""
        return (self.attribute(name) or default).lower() == "true"

    def extension_attribute(self, name: str) -> str | None:
        """An attribute in one of the family's namespaces."""
        values = (self.node.get(f"{{{namespace}}}{name}") for namespace in EXTENSION_NAMESPACES)
        return next((value for value in values if value is not None), None)

    def children(self, tag: str | None = None) -> Iterator["Element"]:
        """The elements directly inside, all or those of one local name."""
        for node in self.node:
            child = Element(node)
            if tag is None or child.tag == tag:
                yield child

    def child(self, tag: str) -> "Element | None":
        """The element of that name directly inside, if there is one."""
        return self._only(tag, list(self.children(tag)))

    def parent(self) -> "Element":
        """The element around it.

        Raises:
            BpmnParseError: It is the root.
        """
        parent = self.node.getparent()
        if parent is None:
            raise self.error(f"Expected an element around <{self.tag}>")
        return Element(parent)

    def extensions_of(self, tag: str) -> list["Element"]:
        """The elements of that name directly inside that are in the first of the family's namespaces to have any."""
        named = list(self.children(tag))
        namespaces = {child.namespace for child in named}
        first = next((namespace for namespace in EXTENSION_NAMESPACES if namespace in namespaces), None)
        return [child for child in named if first is not None and child.namespace == first]

    def extensions(self, tag: str) -> list["Element"]:
        """The extension elements of that name."""
        extensions = self.child(EXTENSIONS)
        return [] if extensions is None else extensions.extensions_of(tag)

    def extension(self, tag: str) -> "Element | None":
        """The extension element of that name, if there is one."""
        return self._only(tag, self.extensions(tag))

    def ancestors(self) -> Iterator["Element"]:
        """The elements around it, from inside."""
        for node in self.node.iterancestors():
            yield Element(node)

    def descendant(self, element_id: str) -> "Element | None":
        """The element of that id inside, at any depth."""
        return next((Element(node) for node in self.node.iter() if node.get("id", "").strip() == element_id), None)

    def error(self, message: str) -> BpmnParseError:
        """An error about this element, to be raised."""
        with_id = next((node for node in (self.node, *self.node.iterancestors()) if node.get("id")), None)
        return BpmnParseError(message, line=self.line, element_id=None if with_id is None else with_id.get("id"))

    def _only(self, tag: str, found: list["Element"]) -> "Element | None":
        if len(found) > 1:
            raise found[1].error(f"Expected at most one <{tag}>, but found {len(found)}")
        return found[0] if found else None


def read_definitions(xml: bytes) -> Element:
    """The root element of a BPMN file.

    Entities are not resolved, nothing is fetched, and a file with a document type is refused.

    Raises:
        BpmnParseError: The file is not well-formed, or has a document type, or is no BPMN.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        node = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise BpmnParseError(f"Expected well-formed XML: {error.msg}", line=error.lineno) from error
    if node.getroottree().docinfo.internalDTD is not None:
        raise BpmnParseError("Expected no document type, but found a DOCTYPE", line=1)
    root = Element(node)
    if root.tag != "definitions":
        raise root.error(f"Expected <definitions>, but found <{root.tag}>")
    return root
