"""LLVM text to a `Module`: the definitions that QIR has, and the instructions of its profiles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.formats.qir.module import Block, Function, Instruction, Module, Operand
from eigen.ir.formats.qir.tokens import END, SCALAR, Token, Tokens, bare, unescaped

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_INSTRUCTIONS = 400_000
INTEGER = {"add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "and", "or", "xor", "shl", "lshr", "ashr"}
FLOAT = {"fadd", "fsub", "fmul", "fdiv", "frem"}
POINTERS = {"inttoptr", "ptrtoint", "bitcast", "addrspacecast"}
CASTS = {"zext", "sext", "trunc", "uitofp", "sitofp", "fptoui", "fptosi", "fpext", "fptrunc", *POINTERS}
DEFINITIONS = {"define", "declare", "attributes", "source_filename", "target", "module"}
ATTRIBUTES = {"nounwind", "readnone", "readonly", "willreturn", "nofree", "norecurse", "inlinehint"}
TERMINATORS = {"ret", "br", "switch", "unreachable"}
CALLS = {"call", "tail", "musttail", "notail"}
FLAGS = ("nuw", "nsw", "exact", "disjoint", "nneg", "samesign", "inbounds")
"""What may stand behind an instruction's name and changes no value that is defined."""
FAST = ("fast", "nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc")
"""The same, of fractions."""


PLAIN = re.compile(r"-?\d{1,40}\.\d{1,40}", re.ASCII)


def parse(text: str, where: str) -> Module:
    """The module of a text. Raises EIGEN_FORMAT_INVALID and EIGEN_FORMAT_UNSUPPORTED with line and column, and
    EIGEN_LIMIT_EXCEEDED."""
    reader = _Parser(Tokens(text, where))
    reader.module()
    return reader.made


class _Parser:
    """Reads definitions."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._left = MAX_INSTRUCTIONS
        self._unnamed = 0
        self._place = 0
        self._arguments: dict[str, Operand] = {}
        self.made = Module()

    def module(self) -> None:
        """Everything."""
        tokens = self._tokens
        while tokens.here.kind != END:
            here = tokens.here
            if here.text == "define":
                self._define()
            elif here.text == "declare":
                self._declare()
            elif here.text == "attributes":
                self._attributes()
            elif here.kind == "global":
                self._global()
            elif here.kind == "meta":
                self._metadata()
            elif here.text in {"source_filename", "target", "module"} or here.kind in {"local", "comdat"}:
                self._line()
            else:
                raise tokens.invalid("this begins no definition of LLVM")
        self.made.size = MAX_INSTRUCTIONS - self._left
        for function in self.made.functions.values():
            for group in function.groups:
                function.attributes.update(self.made.groups.get(group, {}))

    def _line(self) -> None:
        """`source_filename = "…"`, `target triple = "…"`, `%Qubit = type opaque`, `$name = comdat any`."""
        tokens = self._tokens
        if tokens.next().text == "target":
            tokens.next()
        tokens.expect("=")
        if tokens.take("type"):
            tokens.type()
        else:
            is_comdat = tokens.next().text == "comdat"
            if is_comdat:
                tokens.next()

    def _global(self) -> None:
        """`@0 = internal constant [3 x i8] c"r0\\00"`; other definitions of values cannot be used."""
        tokens = self._tokens
        name = tokens.name("global")
        tokens.expect("=")
        while tokens.here.kind == "word" and tokens.here.text not in {"constant", "global"}:
            tokens.next()
            if tokens.here.text == "(":
                tokens.skip_group()
        is_constant = tokens.next().text == "constant"
        kind = tokens.type()
        is_defined = tokens.here.kind not in {"global", "meta", "group", "comdat", END}
        if is_defined and tokens.here.text not in {*DEFINITIONS, ","}:
            if tokens.here.text == "{":
                tokens.skip_group()
            else:
                value = tokens.array(kind) if tokens.here.text == "[" else tokens.value(kind)
                if is_constant and value.kind in {"string", "int", "float", "pointer", "array"}:
                    self.made.constants[name] = value
        while tokens.take(","):
            if tokens.here.kind == "meta":
                tokens.next()
            tokens.next()
            if tokens.here.text == "(":
                tokens.skip_group()
            elif tokens.here.kind in {"int", "string"}:
                tokens.next()

    def _metadata(self) -> None:
        """`!llvm.module.flags = !{!0}`, `!0 = !{i32 1, !"qir_major_version", i32 1}`; kept are leading numbers."""
        tokens = self._tokens
        name = tokens.next().text[1:]
        tokens.expect("=")
        tokens.take("distinct")
        if tokens.here.kind == "meta":
            tokens.next()
        if tokens.here.text == "{":
            tokens.next()
            if tokens.is_type() and tokens.here.kind == "word":
                value = tokens.value(tokens.type())
                if value.kind == "int":
                    self.made.numbers[name] = value.value
            while tokens.here.kind != END and not tokens.take("}"):
                tokens.skip_group() if tokens.here.text in set("([{") else tokens.next()
        elif tokens.here.text == "(":
            tokens.skip_group()

    def _attributes(self) -> None:
        """`attributes #0 = { "entry_point" "required_num_qubits"="2" nounwind }`."""
        tokens = self._tokens
        tokens.next()
        group = tokens.next().text
        tokens.expect("=")
        tokens.expect("{")
        found = self.made.groups.setdefault(group, {})
        while not tokens.take("}"):
            if tokens.here.kind == END:
                raise tokens.invalid("attributes that are not closed")
            self._attribute(found)

    def _attribute(self, found: dict[str, str]) -> None:
        tokens = self._tokens
        token = tokens.next()
        if token.kind == "string":
            value = ""
            if tokens.take("="):
                value = unescaped(tokens.next().text[1:-1]).decode("utf-8", "replace")
            found[unescaped(token.text[1:-1]).decode("utf-8", "replace")] = value
        elif tokens.here.text == "(":
            tokens.skip_group()
        elif tokens.take("="):
            tokens.next()

    # ---- functions ---------------------------------------------------------------------------------------------

    def _declare(self) -> None:
        tokens = self._tokens
        tokens.next()
        while tokens.here.kind != "global":
            if tokens.here.kind == END:
                raise tokens.invalid("a declaration without a name")
            tokens.skip_group() if tokens.here.text in set("([{") else tokens.next()
        tokens.next()
        tokens.skip_group()
        self._behind({}, [])

    def _behind(self, attributes: dict[str, str], groups: list[str]) -> None:
        """What stands behind the parameters: attributes, groups of them, places in files."""
        tokens = self._tokens
        while True:
            here = tokens.here
            if here.kind == "group":
                groups.append(tokens.next().text)
            elif here.kind == "string":
                self._attribute(attributes)
            elif here.kind == "word" and here.text not in DEFINITIONS:
                tokens.next()
                if tokens.here.text == "(":
                    tokens.skip_group()
                elif tokens.here.kind == "int":
                    tokens.next()
            elif here.kind == "meta" and here.text == "!dbg":
                tokens.next()
                tokens.next()
            else:
                return

    def _define(self) -> None:
        tokens = self._tokens
        place = tokens.next().place
        while not tokens.is_type():
            if tokens.here.kind not in {"word", "string", "int"}:
                raise tokens.invalid("a function without a type")
            tokens.next()
            if tokens.here.text == "(":
                tokens.skip_group()
        kind = tokens.next().text if SCALAR.fullmatch(tokens.here.text) else tokens.type()
        while tokens.take("*"):
            kind = "ptr"
        function = Function(tokens.name("global"), kind, [], place)
        if function.name in self.made.functions:
            raise tokens.invalid(f"the function `{function.name[:60]}` is defined twice", place)
        self._unnamed = 0
        tokens.expect("(")
        while not tokens.take(")"):
            if tokens.take("..."):
                continue
            tokens.type()
            tokens.skip_attributes()
            function.params.append(tokens.name("local") if tokens.here.kind == "local" else self._number())
            tokens.take(",")
        self._behind(function.attributes, function.groups)
        tokens.expect("{")
        while not tokens.take("}"):
            self._block(function)
        if not function.blocks:
            raise tokens.invalid(f"the function `{function.name[:60]}` has no body", place)
        self.made.functions[function.name] = function

    def _number(self) -> str:
        """The name of what has none."""
        self._unnamed += 1
        return str(self._unnamed - 1)

    def _block(self, function: Function) -> None:
        tokens = self._tokens
        place = tokens.here.place
        if tokens.here.kind == "label":
            name = tokens.name("label")
            if name.isdecimal() and len(name) < 10:
                self._unnamed = int(name) + 1
        else:
            name = self._number()
        if name in function.blocks:
            raise tokens.invalid(f"the block `{name[:40]}` is there twice", place)
        block = function.blocks[name] = Block(name)
        while not block.body or block.body[-1].name not in TERMINATORS:
            made = self._instruction()
            if made.name != "phi":
                block.body.append(made)
            elif block.body:
                raise tokens.invalid("a PHI behind other instructions", made.place)
            else:
                block.phis.append(made)

    def _instruction(self) -> Instruction:
        tokens = self._tokens
        self._left -= 1
        if self._left < 0:
            raise tokens.error("EIGEN_LIMIT_EXCEEDED", f"a module has at most `{MAX_INSTRUCTIONS}` instructions")
        place, result = tokens.here.place, ""
        if tokens.here.kind == "call":
            return self._plain_call(tokens.next())
        if tokens.here.kind == "local":
            result = tokens.name("local")
            tokens.expect("=")
        token = tokens.next()
        read = self._reader(token.text) if token.kind == "word" else None
        if read is None:
            what = f"the instruction `{token.text[:40]}`" if token.kind == "word" else "what stands here"
            code = "EIGEN_FORMAT_UNSUPPORTED" if token.kind == "word" else "EIGEN_FORMAT_INVALID"
            raise tokens.error(code, f"{what} is not one of QIR's profiles", token.place)
        made = read(token.text)._replace(place=place)
        if made.type != "void" and not result:
            result = self._number()
        elif result.isdecimal() and len(result) < 10:
            self._unnamed = int(result) + 1
        return made._replace(result=result, notes=self._notes())

    def _plain_call(self, token: Token) -> Instruction:
        """A call that returns nothing, with arguments without commas of their own."""
        self._place = token.place
        head, _, rest = token.text.partition("(")
        parts = rest[: rest.rindex(")")]
        found = tuple(map(self._plain_argument, parts.split(", "))) if parts else ()
        return Instruction("call", "", "void", found, head[head.index("@") + 1 :], token.place)

    def _plain_argument(self, text: str) -> Operand:
        """An argument, which is read once, however often it stands there."""
        if text.startswith("double ") and PLAIN.fullmatch(text, 7):
            return Operand("float", float(text[7:]), "double")
        known = self._arguments.get(text)
        if known is None:
            tokens = Tokens(text, "")
            try:
                known = self._arguments[text] = tokens.typed()
            except EigenError as error:
                raise self._tokens.error(error.code, error.message, self._place, error.hint) from None
            if tokens.here.kind != END:
                raise self._tokens.invalid("the arguments of a call are none", self._place)
        return known

    def _notes(self) -> dict[str, str] | None:
        """`, !dbg !3`."""
        tokens = self._tokens
        found: dict[str, str] = {}
        while tokens.here.text == ",":
            tokens.next()
            kind = tokens.next()
            if kind.kind != "meta":
                raise tokens.invalid("this does not belong to the instruction", kind.place)
            node = tokens.next().text[1:]
            if tokens.here.text in {"(", "{"}:
                tokens.skip_group()
            found[kind.text[1:]] = node
        return found or None

    def _reader(self, name: str) -> Callable[[str], Instruction] | None:
        if name in INTEGER or name in FLOAT:
            return self._binary
        if name in CASTS:
            return self._cast
        if name in CALLS:
            return self._call
        own = {"ret": self._ret, "br": self._br, "switch": self._switch, "phi": self._phi, "select": self._select}
        own |= {"icmp": self._compare, "fcmp": self._compare, "fneg": self._unary, "freeze": self._unary}
        own |= {"alloca": self._alloca, "load": self._load, "store": self._store, "getelementptr": self._element}
        own |= {"unreachable": lambda name: Instruction(name, "", "void", (), "", 0)}
        return own.get(name)

    def _binary(self, name: str) -> Instruction:
        tokens = self._tokens
        while tokens.take(*FLAGS, *FAST):
            pass
        left = tokens.typed()
        tokens.expect(",")
        return Instruction(name, "", left.type, (left, tokens.value(left.type)), "", 0)

    def _unary(self, name: str) -> Instruction:
        while self._tokens.take(*FLAGS, *FAST):
            pass
        of = self._tokens.typed()
        return Instruction(name, "", of.type, (of,), "", 0)

    def _compare(self, name: str) -> Instruction:
        tokens = self._tokens
        while tokens.take(*FLAGS, *FAST):
            pass
        predicate = tokens.next().text
        made = self._binary(name)
        return made._replace(type="i1", detail=predicate)

    def _cast(self, name: str) -> Instruction:
        made = self._unary(name)
        self._tokens.expect("to")
        return made._replace(detail=(kind := self._tokens.type()), type=kind)

    def _alloca(self, name: str) -> Instruction:
        kind = self._tokens.type()
        self._skip_alignment()
        return Instruction(name, "", "ptr", (), kind, 0)

    def _load(self, name: str) -> Instruction:
        kind = self._tokens.type()
        self._tokens.expect(",")
        address = self._tokens.typed()
        self._skip_alignment()
        return Instruction(name, "", kind, (address,), "", 0)

    def _store(self, name: str) -> Instruction:
        value = self._tokens.typed()
        self._tokens.expect(",")
        address = self._tokens.typed()
        self._skip_alignment()
        return Instruction(name, "", "void", (value, address), "", 0)

    def _skip_alignment(self) -> None:
        """`, align 8`."""
        tokens = self._tokens
        if tokens.here.text == "," and tokens.after().text == "align":
            tokens.next()
            tokens.next()
            tokens.next()

    def _element(self, name: str) -> Instruction:
        tokens = self._tokens
        while tokens.take(*FLAGS, "nusw"):
            pass
        kind = tokens.type()
        parts: list[Operand] = []
        while tokens.here.text == "," and tokens.after().kind != "meta":
            tokens.next()
            parts.append(tokens.typed())
        return Instruction(name, "", "ptr", tuple(parts), kind, 0)

    def _select(self, name: str) -> Instruction:
        tokens = self._tokens
        while tokens.take(*FLAGS, *FAST):
            pass
        parts = [tokens.typed()]
        for _ in range(2):
            tokens.expect(",")
            parts.append(tokens.typed())
        return Instruction(name, "", parts[1].type, tuple(parts), "", 0)

    def _phi(self, name: str) -> Instruction:
        tokens = self._tokens
        while tokens.take(*FLAGS, *FAST):
            pass
        kind = tokens.type()
        parts: list[Operand] = []
        while tokens.take("[") or (parts and tokens.take(",")):
            if len(parts) % 2 == 0 and tokens.here.text == "[":
                continue
            parts.append(tokens.value(kind))
            tokens.expect(",")
            parts.append(Operand("block", tokens.name("local"), "label"))
            tokens.expect("]")
            if tokens.here.text != ",":
                break
        return Instruction(name, "", kind, tuple(parts), "", 0)

    def _ret(self, name: str) -> Instruction:
        tokens = self._tokens
        parts = () if tokens.take("void") else (tokens.typed(),)
        return Instruction(name, "", "void", parts, "", 0)

    def _target(self) -> Operand:
        self._tokens.expect("label")
        return Operand("block", self._tokens.name("local"), "label")

    def _br(self, name: str) -> Instruction:
        tokens = self._tokens
        if tokens.here.text == "label":
            return Instruction(name, "", "void", (self._target(),), "", 0)
        parts = [tokens.typed()]
        for _ in range(2):
            tokens.expect(",")
            parts.append(self._target())
        return Instruction(name, "", "void", tuple(parts), "", 0)

    def _switch(self, name: str) -> Instruction:
        tokens = self._tokens
        parts = [tokens.typed()]
        tokens.expect(",")
        parts.append(self._target())
        tokens.expect("[")
        while not tokens.take("]"):
            parts.append(tokens.typed())
            tokens.expect(",")
            parts.append(self._target())
        return Instruction(name, "", "void", tuple(parts), "", 0)

    def _call(self, name: str) -> Instruction:
        tokens = self._tokens
        if name != "call":
            tokens.expect("call")
        while not tokens.is_type():
            if tokens.here.kind not in {"word", "int"}:
                raise tokens.invalid("a call without a type")
            tokens.next()
            if tokens.here.text == "(":
                tokens.skip_group()
        kind = tokens.type()
        if tokens.here.kind != "global":
            message = "calls of what is known at run time are not read"
            raise tokens.error("EIGEN_FORMAT_UNSUPPORTED", message)
        callee = bare(tokens.next().text[1:])
        tokens.expect("(")
        parts: list[Operand] = []
        while not tokens.take(")"):
            parts.append(self._argument())
            if not tokens.take(",") and tokens.here.text != ")":
                raise tokens.invalid("the arguments of a call are not closed")
        tokens.skip_words(ATTRIBUTES)
        return Instruction("call", "", kind, tuple(parts), callee, 0)

    def _argument(self) -> Operand:
        tokens = self._tokens
        if tokens.here.text != "metadata":
            return tokens.typed()
        tokens.next()
        while tokens.here.text not in {",", ")"} and tokens.here.kind != END:
            tokens.skip_group() if tokens.here.text in OPENING else tokens.next()
        return Operand("undef", None, "metadata")


OPENING = frozenset("([{")
