"""What a GraphQL document may ask, decided on its syntax tree before anything is validated or run.

Tokens, nesting, depth and cost are counted, never timed. A field costs 1, times the sizes of the pages around it; a
mutation costs 100. Fragments count wherever they are spread; aliases and repetitions count each. Introspection may not
go round in circles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    IntValueNode,
    Lexer,
    OperationDefinitionNode,
    OperationType,
    Source,
    TokenKind,
    VariableNode,
    parse,
)

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode, GraphQLField, GraphQLSchema, SelectionSetNode

MAX_CHARACTERS = 64 * 1024
MAX_TOKENS = 1_000
MAX_BRACKETS = 64
MAX_INTROSPECTION_DEPTH = 16
LIST_SIZE = 10
"""What a list without pages counts as."""
MUTATION_COST = 100
PAGE, PAGE_TYPE = "first", "Page"
_OPENING = (TokenKind.BRACE_L, TokenKind.PAREN_L, TokenKind.BRACKET_L)
_CLOSING = (TokenKind.BRACE_R, TokenKind.PAREN_R, TokenKind.BRACKET_R)
_ENDLESS = 10**9

Parent = GraphQLObjectType | GraphQLInterfaceType | None


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a selection asks: its cost and how deep it nests."""

    cost: int = 0
    depth: int = 0


@lru_cache(maxsize=256)
def parsed(query: str) -> DocumentNode:
    """The document; EIGEN_REQUEST_INVALID for bad syntax, EIGEN_LIMIT_EXCEEDED for one that is too large."""
    if len(query) > MAX_CHARACTERS:
        _exceeded(f"the query has {len(query):,} characters; the limit is {MAX_CHARACTERS:,}: use variables")
    try:
        _scan(query)
        return parse(query, no_location=False)
    except GraphQLError as error:
        where = f"query:{error.locations[0].line}:{error.locations[0].column}" if error.locations else "query"
        raise EigenError("EIGEN_REQUEST_INVALID", error.message[:400], where=where) from error


def check(
    document: DocumentNode, schema: GraphQLSchema, variables: Mapping[str, Any], *, depth: int, cost: int
) -> None:
    """Refuse a document that asks too much: EIGEN_LIMIT_EXCEEDED with the limit and the value."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    for operation in document.definitions:
        if not isinstance(operation, OperationDefinitionNode):
            continue
        weight = _Scale(schema, fragments, _values(operation, variables)).operation(operation)
        if weight.depth > depth:
            _exceeded(f"the query nests {weight.depth} deep; the limit `graphql_depth` is {depth}")
        if weight.cost > cost:
            _exceeded(f"the query costs {weight.cost:,}; the limit `graphql_cost` is {cost:,}")


def chosen(document: DocumentNode, name: str | None) -> OperationType:
    """The kind of the operation that is to be executed; EIGEN_REQUEST_INVALID when the name does not say which."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name is not None and node.name.value == name]
    if len(operations) == 1:
        return operations[0].operation
    said = f"operation of the name `{name[:60]}`" if name is not None else "operation, or `operationName` must choose"
    raise EigenError("EIGEN_REQUEST_INVALID", f"the query must hold exactly one {said}", where="operationName")


class _Scale:
    """Weighs the selections of one operation."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
    ) -> None:
        self.schema, self.fragments, self.variables = schema, fragments, variables
        self.weighed: dict[tuple[str, int, frozenset[str]], Weight] = {}
        self.open: list[str] = []
        self.introspections = 0

    def operation(self, node: OperationDefinitionNode) -> Weight:
        """The weight of everything it selects."""
        root = self.schema.get_root_type(node.operation)
        weight = self.selections(node.selection_set, root, ())
        if node.operation is OperationType.MUTATION:
            return Weight(weight.cost + MUTATION_COST * len(node.selection_set.selections), weight.depth)
        return weight

    def selections(self, node: SelectionSetNode | None, parent: Parent, inside: tuple[str, ...]) -> Weight:
        """The weight of a selection set on a type; `inside` are the lists of an introspection around it."""
        cost = depth = 0
        for selection in node.selections if node is not None else ():
            if isinstance(selection, FieldNode):
                weight = self.field(selection, parent, inside)
            elif isinstance(selection, FragmentSpreadNode):
                weight = self.spread(selection.name.value, inside)
            else:
                assert isinstance(selection, InlineFragmentNode)
                condition = selection.type_condition
                narrowed = parent if condition is None else self.named(condition.name.value)
                weight = self.selections(selection.selection_set, narrowed, inside)
            cost, depth = cost + weight.cost, max(depth, weight.depth)
        return Weight(min(cost, _ENDLESS), depth)

    def field(self, node: FieldNode, parent: Parent, inside: tuple[str, ...]) -> Weight:
        """The weight of a field with all that it selects."""
        name = node.name.value
        if inside or name in ("__schema", "__type"):
            return self.introspection(node, name, inside)
        field = None if parent is None else parent.fields.get(name)
        inner = None if field is None else self.named(_type_name(field).strip("[]!"))
        below = self.selections(node.selection_set, inner, ())
        return Weight(min(1 + self.size(node, field, parent) * below.cost, _ENDLESS), 1 + below.depth)

    def introspection(self, node: FieldNode, name: str, inside: tuple[str, ...]) -> Weight:
        """Introspection costs its fields, once; it is not paged, and must not visit a list within the same list."""
        if not inside:
            self.introspections += 1
            if self.introspections > 1:
                _exceeded("a query asks for the schema more than once")
        if node.selection_set is not None and name in inside and name not in ("type", "ofType"):
            _exceeded(f"introspection goes round in circles at `{name}`")
        if len(inside) >= MAX_INTROSPECTION_DEPTH:
            _exceeded(f"introspection nests deeper than {MAX_INTROSPECTION_DEPTH}")
        below = self.selections(node.selection_set, None, (*inside, name))
        return Weight(1 + below.cost, 1)

    def spread(self, name: str, inside: tuple[str, ...]) -> Weight:
        """The weight of a fragment, weighed once; one that holds itself is refused."""
        if name in self.open:
            raise EigenError("EIGEN_REQUEST_INVALID", f"the fragment `{name[:60]}` holds itself")
        fragment = self.fragments.get(name)
        if fragment is None:
            return Weight()  # what is unknown is named by the validation
        key = (name, len(inside), frozenset(inside))
        if key not in self.weighed:
            self.open.append(name)
            condition = fragment.type_condition.name.value
            self.weighed[key] = self.selections(fragment.selection_set, self.named(condition), inside)
            self.open.pop()
        return self.weighed[key]

    def size(self, node: FieldNode, field: GraphQLField | None, parent: Parent) -> int:
        """How many times what a field selects is answered; the list of a page counts where the page is asked for."""
        if field is None or (parent is not None and parent.name.endswith(PAGE_TYPE)):
            return 1
        if PAGE in field.args:
            given = next((entry.value for entry in node.arguments or () if entry.name.value == PAGE), None)
            value: Any = field.args[PAGE].default_value
            if isinstance(given, IntValueNode):
                value = int(given.value[:10])
            elif isinstance(given, VariableNode):
                value = self.variables.get(given.name.value, value)
            return max(value, 1) if isinstance(value, int) else _ENDLESS
        return LIST_SIZE if _type_name(field).startswith("[") else 1

    def named(self, name: str) -> Parent:
        """The object type or interface of that name, if there is one."""
        found = self.schema.get_type(name)
        return found if isinstance(found, GraphQLObjectType | GraphQLInterfaceType) else None


def _type_name(field: Any) -> str:
    """The type of a field as the schema writes it, like `[Job!]!`."""
    return str(field.type)


def _values(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables, with the defaults of those that are not given where they are whole numbers."""
    values = dict(variables)
    for definition in operation.variable_definitions or ():
        if isinstance(definition.default_value, IntValueNode):
            values.setdefault(definition.variable.name.value, int(definition.default_value.value[:10]))
    return values


def _scan(query: str) -> None:
    """Count tokens and brackets: the parser goes as deep as they nest."""
    lexer = Lexer(Source(query))
    tokens = brackets = 0
    while (kind := lexer.advance().kind) is not TokenKind.EOF:
        tokens += 1
        brackets += (kind in _OPENING) - (kind in _CLOSING)
        if tokens > MAX_TOKENS:
            _exceeded(f"the query has more than {MAX_TOKENS:,} tokens")
        if brackets > MAX_BRACKETS:
            _exceeded(f"the query nests more than {MAX_BRACKETS} brackets")


def _exceeded(message: str) -> NoReturn:
    raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where="query")
