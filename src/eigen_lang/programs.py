"""`@hybrid_program` in plain Python: calling the function compiles its file and runs it in the embedded system."""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.types import JobResults


class Program:
    """A hybrid program as Python sees it; its options stand in the source and are read from there."""

    def __init__(self, function: Callable[..., Any]) -> None:
        update_wrapper(self, function)
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compile the file this function stands in, run it with these arguments as inputs, return its outputs.

        What the program prints is printed here when it has ended. Raises `EigenError`: EIGEN_LANG_REJECTED with
        all diagnostics, or whatever ended the job.
        """
        results = self.run(*args, **kwargs)
        for line in results.metadata.get("printed", ()):
            print(line)
        return results.outputs

    def run(self, *args: Any, **kwargs: Any) -> JobResults:
        """As a call, with everything the job left: counts, circuits, metadata, the job's id."""
        from eigen.app import connect
        from eigen.errors import EigenError
        from eigen.jobspec import submission

        job = submission(
            source_of(self._function),
            filename=_file_name(self._function),
            entrypoint=self._function.__name__,
            inputs=inputs_of(self._function, args, kwargs),
        )
        try:
            with connect() as client:
                return client.run(job)
        except EigenError as error:
            for diagnostic in error.details.get("diagnostics", ()):
                error.add_note(note_of(diagnostic))
            raise

    def __repr__(self) -> str:
        return f"<hybrid program {self._function.__name__}>"


def hybrid_program(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """The decorator of the language, with or without options; they are checked when the program is compiled."""
    del options
    return Program if function is None else Program(function)


def note_of(diagnostic: Mapping[str, Any]) -> str:
    """A diagnostic in one line (and one more for its hint), as a traceback shows it."""
    span = diagnostic["span"]
    place = f"{diagnostic.get('file', '')}:{span['line']}:{span['column'] + 1}"
    hint = f"\n  hint: {diagnostic['hint']}" if diagnostic.get("hint") else ""
    return f"{place}: {diagnostic['severity']}[{diagnostic['code']}]: {diagnostic['message']}{hint}"


def source_of(function: Callable[..., Any]) -> bytes:
    """The text of the file (or notebook cell) that defines a function. Raises EIGEN_FILE_UNREADABLE without one."""
    from linecache import checkcache, getlines

    from eigen.errors import EigenError

    path = function.__code__.co_filename  # pyright: ignore[reportFunctionMemberAccess]
    checkcache(path)
    lines = getlines(path, function.__globals__)  # pyright: ignore[reportFunctionMemberAccess]
    if not lines:
        raise EigenError(
            "EIGEN_FILE_UNREADABLE",
            f"the source of `{function.__name__}` cannot be read from `{path}`",
            hint="put the program into a file: it is compiled from its text",
        )
    return "".join(lines).encode()


def _file_name(function: Callable[..., Any]) -> str:
    from pathlib import PurePath

    return PurePath(function.__code__.co_filename).name  # pyright: ignore[reportFunctionMemberAccess]


def inputs_of(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call as job inputs by parameter name. Raises TypeError as a call would."""
    from inspect import signature

    bound = signature(function).bind(*args, **kwargs)
    return {name: _json(value, name) for name, value in bound.arguments.items()}


def _json(value: Any, name: str) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "tolist"):  # NumPy arrays and scalars
        return _json(value.tolist(), name)
    if isinstance(value, (list, tuple)):
        return [_json(item, name) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {str(key): _json(item, name) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise TypeError(f"the input `{name}` must be made of numbers, strings, lists and dicts, not {type(value).__name__}")
