"""`Deferred`: what a name of the language is while Python, not Eigen OS, runs the file. It only remembers itself."""

from __future__ import annotations

from typing import Any, NoReturn


class Deferred:
    """A value of the language that exists when the program is compiled.

    Calling it, indexing it and computing with it give further deferred values, so that a module may define ansaetze
    and observables; using it as a Python value (a number, a condition, something to loop over) is a TypeError.

    >>> ansatz = Deferred("create_hea_ansatz")(4, depth=2)
    >>> ansatz
    <create_hea_ansatz(4, depth=2), known when the program is compiled>
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"<{self._text}, known when the program is compiled>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A deferred call; used as a decorator it leaves the function as it is, marked by the name."""
        parts = [_short(value) for value in args] + [f"{name}={_short(value)}" for name, value in kwargs.items()]
        return Deferred(f"{self._text}({', '.join(parts)})")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Deferred(f"{self._text}.{name}")

    def __getitem__(self, key: Any) -> Any:
        return Deferred(f"{self._text}[{_short(key)}]")

    def _refuse(self, use: str) -> NoReturn:
        raise TypeError(
            f"`{self._text}` has no value in plain Python, so it cannot be {use}: it exists when a "
            "`@hybrid_program` function is compiled. Use it inside that function, and call that function."
        )

    def __bool__(self) -> bool:  # noqa: PLE0304
        self._refuse("a condition")

    def __iter__(self) -> Any:
        self._refuse("looped over")

    def __len__(self) -> int:  # noqa: PLE0303
        self._refuse("measured with `len`")

    def __int__(self) -> int:
        self._refuse("an integer")

    def __index__(self) -> int:  # noqa: PLE0305
        self._refuse("an integer")

    def __float__(self) -> float:
        self._refuse("a number")

    def __complex__(self) -> complex:
        self._refuse("a number")

    def __format__(self, spec: str) -> str:
        self._refuse("formatted")


def _short(value: Any) -> str:
    if isinstance(value, Deferred):
        return repr(value)[1:].partition(", known")[0]
    name = getattr(value, "__name__", None)
    text = str(name) if isinstance(name, str) else repr(value)
    return text if len(text) <= 40 else text[:37] + "…"


def _operator(symbol: str, *, reflected: bool) -> Any:
    def compute(self: Deferred, other: Any) -> Deferred:
        left, right = (_short(other), _short(self)) if reflected else (_short(self), _short(other))
        return Deferred(f"({left} {symbol} {right})")

    return compute


for _name, _symbol in {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "and": "&", "or": "|", "xor": "^",
}.items():  # fmt: skip
    setattr(Deferred, f"__{_name}__", _operator(_symbol, reflected=False))
    setattr(Deferred, f"__r{_name}__", _operator(_symbol, reflected=True))


def _negative(self: Deferred) -> Deferred:
    return Deferred(f"-{_short(self)}")


setattr(Deferred, "__neg__", _negative)  # noqa: B010  (beside the other operators)
