"""What stands around the lines of a QIR program: types, labels, declarations, attributes and flags of the module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.formats.qir.gates import BOUND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROFILES = ("base", "adaptive")
VERSIONS = ("2.0", "1.0")
NUMBERS = {"i64": "int_computations", "double": "float_computations"}
"""Types of numbers, and the flags that say that a program computes with them."""


class Frame:
    """Collects what lines refer to; `document` puts it around them. Version 1.0 has typed pointers, 2.0 none."""

    def __init__(self, version: str, is_base: bool, numbers: Sequence[str] = ()) -> None:
        self._major = int(version[0])
        self._is_base = is_base
        self._numbers = numbers
        self._declared: dict[str, str] = {}
        self._labels: dict[bytes, int] = {}
        self._bounds: dict[int, int] = {}
        is_typed = self._major == 1
        self.text = "i8*" if is_typed else "ptr"
        self._types = {
            "qubit": "%Qubit*" if is_typed else "ptr",
            "result": "%Result*" if is_typed else "ptr",
            "text": self.text,
        }

    def function(self, kind: str, name: str, params: Sequence[str], attribute: str = "") -> str:
        """The name of a function, which is then declared."""
        if name not in self._declared:
            types = ", ".join(self._types.get(param, param) for param in params)
            group = " #1" if attribute else ""
            self._declared[name] = f"declare {kind} @{name}({types}){group}"
        return f"@{name}"

    def qubit(self, index: int) -> str:
        """A qubit as an argument."""
        return self._pointer(self._types["qubit"], index)

    def result(self, index: int) -> str:
        """A result as an argument."""
        return self._pointer(self._types["result"], index)

    def _pointer(self, kind: str, index: int) -> str:
        return f"{kind} inttoptr (i64 {index} to {kind})" if index else f"{kind} null"

    def address(self, kind: str) -> str:
        """The type of the address of a value."""
        return f"{kind}*" if self._major == 1 else "ptr"

    def label(self, text: str) -> str:
        """A string as an argument, which is then a constant of the module."""
        data = text.encode()
        number = self._labels.setdefault(data, len(self._labels))
        if self._major > 1:
            return f"ptr @{number}"
        array = f"[{len(data) + 1} x i8]"
        return f"i8* getelementptr inbounds ({array}, {array}* @{number}, i32 0, i32 0)"

    def bound(self, rounds: int) -> str:
        """What hangs on the branch of a loop of at most so many rounds."""
        return f"!{BOUND} !{self._first_bound + self._bounds.setdefault(rounds, len(self._bounds))}"

    @property
    def _first_bound(self) -> int:
        return len(self._flags()) + len(self._numbers)

    def _flags(self) -> list[str]:
        """The flags of the module that no program changes but the kind of loops that it has."""
        flags = [
            f'!{{i32 1, !"qir_major_version", i32 {self._major}}}',
            '!{i32 7, !"qir_minor_version", i32 0}',
            '!{i32 1, !"dynamic_qubit_management", i1 false}',
            '!{i32 1, !"dynamic_result_management", i1 false}',
        ]
        if not self._is_base:
            flags += [
                '!{i32 1, !"ir_functions", i1 false}',
                f'!{{i32 1, !"backwards_branching", i2 {"-2" if self._bounds else "0"}}}',
                '!{i32 1, !"multiple_target_branching", i1 false}',
                '!{i32 1, !"multiple_return_points", i1 false}',
            ]
        first = len(flags) + len(self._numbers)
        for place, kind in enumerate(self._numbers):
            flags.append(f'!{{i32 5, !"{NUMBERS[kind]}", !{first + place}}}')
        return flags

    def document(self, lines: Sequence[str], attributes: Mapping[str, str]) -> str:
        """The module with the entry point `main`."""
        parts: list[str] = []
        if self._major == 1:
            parts += ["%Qubit = type opaque", "%Result = type opaque", ""]
        for data, number in self._labels.items():
            parts.append(f'@{number} = internal constant [{len(data) + 1} x i8] c"{escaped(data)}\\00"')
        parts += ["", "define i64 @main() #0 {", *lines, "}", "", *self._declared.values(), ""]
        told = [f'"{key}"="{escaped(value.encode())}"' if value else f'"{key}"' for key, value in attributes.items()]
        parts.append(f"attributes #0 = {{ {' '.join(told)} }}")
        parts.append('attributes #1 = { "irreversible" }')
        flags = self._flags()
        parts += ["", f"!llvm.module.flags = !{{{', '.join(f'!{number}' for number in range(len(flags)))}}}", ""]
        types = [f'!{{!"{kind}"}}' for kind in self._numbers]
        nodes = [*flags, *types, *(f"!{{i64 {rounds}}}" for rounds in self._bounds)]
        parts += [f"!{number} = {node}" for number, node in enumerate(nodes)]
        return "\n".join(parts).lstrip("\n") + "\n"


def escaped(data: bytes) -> str:
    """Bytes inside of quotes."""
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:02X}" for byte in data)
