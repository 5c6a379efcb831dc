"""The type stub of `eigen_lang`, written from the language's own reference: signatures and explanations for editors."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigen.lang.library.catalogue import Entry

_HEAD = '''"""The names of Eigen-Lang. Written by `python -m eigen_lang.stub` from the reference of the language."""

# ruff: noqa: N803

from collections.abc import Callable
from typing import Any

class _Value:
    """A value of the language: it exists when the program is compiled."""

    def __getattr__(self, name: str) -> Any: ...
    def __getitem__(self, key: Any) -> Any: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    def __iter__(self) -> Any: ...
    def __len__(self) -> int: ...
    def __add__(self, other: Any) -> Any: ...
    def __radd__(self, other: Any) -> Any: ...
    def __sub__(self, other: Any) -> Any: ...
    def __rsub__(self, other: Any) -> Any: ...
    def __mul__(self, other: Any) -> Any: ...
    def __rmul__(self, other: Any) -> Any: ...
    def __truediv__(self, other: Any) -> Any: ...
    def __pow__(self, other: Any) -> Any: ...
    def __matmul__(self, other: Any) -> Any: ...
    def __neg__(self) -> Any: ...

'''
_WIDTH = 120
_PLAIN_RESULTS = frozenset({"float", "str", "None", "dict[str, Any]", "Callable[..., Any]"})


def render() -> str:
    """The whole stub."""
    from eigen.lang.library.catalogue import ENTRIES

    return _HEAD + "\n".join(_definition(entry) for entry in ENTRIES)


def _definition(entry: Entry) -> str:
    parameters = annotated(entry.signature)
    if entry.name[0].isupper():
        head = f"class {entry.name}(_Value):\n{_docstring(entry.doc)}\n\n"
        return head + _head("    def __init__", ["self", *parameters], "None: ...") + "\n"
    result = entry.result if entry.result in _PLAIN_RESULTS else "Any"
    return f"{_head(f'def {entry.name}', parameters, f'{result}:')}\n{_docstring(entry.doc)}\n"


def _head(start: str, parameters: list[str], end: str) -> str:
    """The head of a definition, broken as the formatter breaks it."""
    one_line = f"{start}({', '.join(parameters)}) -> {end}"
    if len(one_line) <= _WIDTH:
        return one_line
    margin = " " * (len(start) - len(start.lstrip()))
    inner = f"{margin}    {', '.join(parameters)}"
    if len(inner) > _WIDTH:
        inner = "\n".join(f"{margin}    {parameter}," for parameter in parameters)
        inner = inner.replace("*,,", "*,")
    return f"{start}(\n{inner}\n{margin}) -> {end}"


def annotated(signature: str) -> list[str]:
    """The parameters of a signature with annotations; names of one letter and their like stay as they are."""
    parts: list[str] = []
    for part in (piece.strip() for piece in signature.split(",")):
        name, equals, default = part.partition("=")
        if not name or name == "*":
            parts += [name] if name else []
        elif equals:
            parts.append(f"{name}: Any = {default}")
        else:
            parts.append(f"{name}: Any")
    return parts


def _docstring(text: str) -> str:
    lines = wrap(text.replace("\\", "\\\\").replace('"""', "'''"), 108)
    if len(lines) == 1:
        return f'    """{lines[0]}"""'
    return '    """' + "\n    ".join(lines) + '\n    """'


if __name__ == "__main__":
    print(render(), end="")
