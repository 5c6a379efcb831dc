"""What of Python's syntax is part of the language: one table that the checker refuses by and the docs print."""

from __future__ import annotations

from typing import NamedTuple


class Construct(NamedTuple):
    """One construct: whether it is supported, the code of the refusal, and what to say."""

    title: str
    supported: bool
    code: str = ""
    note: str = ""


SYNTAX: dict[str, Construct] = {
    # statements
    "FunctionDef": Construct("functions", True, note="defaults, keywords, `*args`, `**kwargs`, nested, closures"),
    "Return": Construct("return", True, note="also under a run-time `if`"),
    "Assign": Construct("assignment", True, note="several targets, unpacking, elements, slices"),
    "AugAssign": Construct("augmented assignment", True),
    "AnnAssign": Construct("annotated assignment", True, note="the annotation is never evaluated"),
    "For": Construct("for", True, note="unrolled over static values; over run-time values it becomes a bounded loop"),
    "While": Construct("while", True, note="on run-time values and measured bits it becomes a bounded loop"),
    "If": Construct("if, elif, else", True, note="on run-time values and measured bits it becomes a branch"),
    "Assert": Construct("assert", True, note="checked when the program is compiled"),
    "Import": Construct("import", True, note="`eigen_lang`, `Eigen_lang`, `math`, `numpy`, `typing`"),
    "ImportFrom": Construct("from … import", True, note="from the same modules; `*` only from `eigen_lang`"),
    "Expr": Construct("expression statement", True),
    "Pass": Construct("pass", True),
    "Break": Construct("break", True),
    "Continue": Construct("continue", True),
    "ClassDef": Construct("class", False, "E0201", "use functions, dicts and tuples"),
    "Try": Construct("try", False, "E0202", "check the values before they are used"),
    "TryStar": Construct("try … except*", False, "E0202", "check the values before they are used"),
    "Raise": Construct("raise", False, "E0202", "use `assert condition, message`"),
    "With": Construct("with", False, "E0203", "call the functions directly"),
    "AsyncWith": Construct("async with", False, "E0204", "write it without `async`"),
    "AsyncFor": Construct("async for", False, "E0204", "write it without `async`"),
    "AsyncFunctionDef": Construct("async def", False, "E0204", "write `def`"),
    "Await": Construct("await", False, "E0204", "call the function directly"),
    "Yield": Construct("yield", False, "E0205", "build a list and return it"),
    "YieldFrom": Construct("yield from", False, "E0205", "build a list and return it"),
    "Global": Construct("global", False, "E0206", "return the value, and assign it where the function is called"),
    "Nonlocal": Construct("nonlocal", False, "E0206", "return the value, and assign it where the function is called"),
    "Delete": Construct("del", False, "E0206", "assign a new value; `x.pop(i)` removes an element"),
    "Match": Construct("match", False, "E0211", "write `if`, `elif`, `else`"),
    "TypeAlias": Construct("type alias", False, "E0212", "annotations are never evaluated: write the type there"),
    # expressions
    "BoolOp": Construct("and, or", True),
    "NamedExpr": Construct("walrus `:=`", True),
    "BinOp": Construct("binary operators", True, note="`+ - * / // % ** @ << >> & | ^`"),
    "UnaryOp": Construct("unary operators", True, note="`- + ~ not`"),
    "Lambda": Construct("lambda", True),
    "IfExp": Construct("conditional expression", True),
    "Dict": Construct("dict display", True, note="also `**other`"),
    "Set": Construct("set display", True, note="of static values; iterated in order of insertion"),
    "ListComp": Construct("list comprehension", True),
    "SetComp": Construct("set comprehension", True),
    "DictComp": Construct("dict comprehension", True),
    "GeneratorExp": Construct("generator expression", True, note="evaluated as a list"),
    "Compare": Construct("comparison", True, note="chained too; `is` only with `None`, `True`, `False`"),
    "Call": Construct("call", True, note="also `*args` and `**kwargs`"),
    "FormattedValue": Construct("f-string field", True),
    "JoinedStr": Construct("f-string", True, note="with conversions and format specifications"),
    "Constant": Construct("constant", True),
    "Attribute": Construct("attribute", True, note="never with double underscores"),
    "Subscript": Construct("element and slice", True),
    "Starred": Construct("starred expression", True, note="in calls, displays and unpacking"),
    "Name": Construct("name", True),
    "List": Construct("list display", True),
    "Tuple": Construct("tuple display", True),
    "Slice": Construct("slice", True),
    "TemplateStr": Construct("template string", False, "E0212", "write an f-string"),
    "Interpolation": Construct("template string field", False, "E0212", "write an f-string"),
}

UNKNOWN = Construct("this syntax", False, "E0212", "it is newer than the language")

FORBIDDEN_BUILTINS: dict[str, str] = {
    "__import__": "modules are imported with `import`, from a short list",
    "breakpoint": "",
    "bytearray": "",
    "bytes": "",
    "callable": "",
    "classmethod": "",
    "compile": "",
    "delattr": "",
    "dir": "",
    "eval": "write the expression itself",
    "exec": "write the statements themselves",
    "exit": "return from the entry point",
    "getattr": "write the attribute: `x.name`",
    "globals": "",
    "hasattr": "",
    "hash": "",
    "help": "",
    "id": "",
    "input": "values reach a program as parameters of its entry point (`spec.inputs`)",
    "iter": "loop over the value with `for`",
    "locals": "",
    "memoryview": "",
    "next": "take an element by its index",
    "object": "",
    "open": "data reach a program as inputs or data sets: `load_dataset(name)`",
    "property": "",
    "quit": "return from the entry point",
    "setattr": "",
    "staticmethod": "",
    "super": "",
    "type": "use `isinstance(x, int)`",
    "vars": "",
}
"""Built-in functions that do not exist in the language, with what to do instead."""
