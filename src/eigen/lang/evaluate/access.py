"""Elements, slices, attributes and iteration of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.values import Array, is_counts, is_dict, is_key, is_list, is_tuple
from eigen.lang.journal import announce, own
from eigen.lang.regions import Dyn
from eigen.lang.reification import describe, find_dynamic, to_text
from eigen.lang.values import Object, Sym, class_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Value


def plain_slice(key: Any) -> slice[Any, Any, Any]:
    """A slice as the type checker wants it."""
    return key


def get_item(ctx: Context, container: Value, key: Value, span: Span) -> Value:
    """`container[key]`."""
    if type(key) is int:
        kind = class_of(container)
        if kind is list or kind is tuple or kind is range or kind is str:
            if -len(container) <= key < len(container):
                return container[key]
            ctx.fail("E0404", f"index `{key}` is out of range: there are {len(container)} elements", span)
    if isinstance(container, Object):
        return container.get_item(ctx, key, span)
    if isinstance(key, slice):
        return _slice(ctx, container, plain_slice(key), span)
    if is_tuple(key) and (isinstance(container, Array) or (isinstance(container, Dyn) and container.type == "array")):
        return _subscript(ctx, container, key, span)
    if is_dict(container) and find_dynamic(key) is None:
        return _dict_item(ctx, container, key, span)
    if isinstance(container, Dyn):
        return _runtime_item(ctx, container, key, span)
    if isinstance(container, (Sym, int, float, bool, complex)) or container is None:
        ctx.fail("E0402", f"{describe(container)} cannot be indexed", span)
    if isinstance(key, Object):
        ctx.fail("E0402", f"{describe(key)} cannot be an index", span)
    if isinstance(container, range):
        container = list(container)
    return ctx.apply("index", [container, key], span=span)


def _dict_item(ctx: Context, container: dict[Any, Any], key: Value, span: Span) -> Value:
    check_key(ctx, key, span)
    if key not in container:
        from eigen.errors import suggest

        shown = repr(key) if key is None or is_key(key) else describe(key)
        names = [name for name in container if isinstance(name, str)]
        hint = suggest(key, names) if isinstance(key, str) else ""
        ctx.fail("E0404", f"there is no key `{shown[:60]}`", span, hint=hint)
    return container[key]


def _runtime_item(ctx: Context, container: Dyn, key: Value, span: Span) -> Value:
    if container.type.startswith("record:") or container.type in {"int", "float", "bool", "none"}:
        hint = "use an attribute: `.name`" if container.type.startswith("record:") else ""
        ctx.fail("E0402", f"{describe(container)} cannot be indexed", span, hint=hint)
    if type(key) is int and container.length is not None and not -container.length <= key < container.length:
        ctx.fail("E0404", f"index `{key}` is out of range: there are {container.length} elements", span)
    kind = "any"
    if container.type == "array" and container.length is not None:
        kind = "float"
    elif container.type == "counts":
        kind = "int"
    elif container.type == "str":
        kind = "str"
    return ctx.emit("index", [container, key], type=kind, span=span)


def _slice(ctx: Context, container: Value, key: slice[Any, Any, Any], span: Span) -> Value:
    bounds = [key.start, key.stop, key.step]
    plain = all(bound is None or type(bound) is int for bound in bounds)
    if plain and key.step == 0:
        ctx.fail("E0403", "slice step cannot be zero", span)
    if plain and (is_list(container) or is_tuple(container) or isinstance(container, (str, range))):
        part = container[key]
        ctx.charge(2 * len(part))
        return own(ctx, part)
    if is_dict(container) or isinstance(container, (Sym, int, float, bool, complex)) or container is None:
        ctx.fail("E0402", f"{describe(container)} cannot be sliced", span)
    length = None
    if isinstance(container, Dyn) and container.length is not None and plain:
        length = len(range(container.length)[key])
    if isinstance(container, Dyn):
        return ctx.emit("slice", [container, *bounds], span=span, length=length)
    if isinstance(container, range):
        container = list(container)
    return own(ctx, ctx.apply("slice", [container, *bounds], span=span))


def _subscript(ctx: Context, container: Value, key: tuple[Any, ...], span: Span) -> Value:
    """`a[i, j:k, None]` of an array."""
    axes = ""
    args: list[Value] = [container]
    for entry in key:
        if isinstance(entry, slice):
            part = plain_slice(entry)
            axes += "s"
            args += [part.start, part.stop, part.step]
        else:
            axes += "n" if entry is None else "i"
            args += [] if entry is None else [entry]
    return ctx.apply("subscript", args, attrs={"axes": axes}, span=span)


def check_key(ctx: Context, key: Value, span: Span) -> None:
    """E0402 for what cannot be a dict key."""
    if not is_key(key):
        if isinstance(key, Dyn):
            ctx.fail_runtime(key, "a key of a dict", span, hint="collect (key, value) pairs in a list instead")
        ctx.fail(
            "E0402",
            f"{describe(key)} cannot be a key of a dict or an element of a set",
            span,
            hint="use a string, a number or a tuple of these",
        )


def set_item(ctx: Context, container: Value, key: Value, value: Value, span: Span) -> Value | None:
    """`container[key] = value`; gives the new value of the container when it cannot be changed in place."""
    if isinstance(container, Object):
        container.set_item(ctx, key, value, span)
        return None
    if is_list(container) and type(key) is int:
        if not -len(container) <= key < len(container):
            ctx.fail("E0404", f"index `{key}` is out of range: there are {len(container)} elements", span)
        announce(ctx, container, span)
        container[key] = value
        return None
    if is_list(container) and isinstance(key, slice):
        return _set_slice(ctx, container, plain_slice(key), value, span)
    if is_dict(container):
        check_key(ctx, key, span)
        if len(container) >= ctx.limits.container_elements and key not in container:
            ctx.fail("E0605", f"a dict has more than {ctx.limits.container_elements} elements", span)
        announce(ctx, container, span)
        ctx.charge(4)
        container[key] = value
        return None
    if isinstance(key, slice) or isinstance(container, (tuple, str, range)) or container is None:
        ctx.fail("E0402", f"{describe(container)} cannot be changed by item assignment", span)
    if isinstance(container, Dyn):
        return ctx.emit("set_index", [container, key, value], span=span, length=container.length)
    if isinstance(container, (Array, list)):
        return ctx.apply("set_index", [container, key, value], span=span)
    return ctx.fail("E0402", f"{describe(container)} cannot be changed by item assignment", span)


def _set_slice(ctx: Context, container: list[Any], key: slice[Any, Any, Any], value: Value, span: Span) -> None:
    if not all(bound is None or type(bound) is int for bound in (key.start, key.stop, key.step)):
        ctx.fail("E0501", "the bounds of a slice that is assigned to must be known at compile time", span)
    items = elements(ctx, value, span)
    places = range(len(container))[key]
    if key.step not in {None, 1} and len(items) != len(places):
        ctx.fail("E0403", f"{len(items)} values do not fit a slice of {len(places)}", span)
    if key.step == 0 or len(container) - len(places) + len(items) > ctx.limits.container_elements:
        ctx.fail("E0605", f"a list has more than {ctx.limits.container_elements} elements", span)
    announce(ctx, container, span)
    ctx.charge(len(container) + len(items))
    container[key] = items


def iterate(ctx: Context, value: Value, span: Span) -> Sequence[Value]:
    """The elements of a value whose number is known at compile time; charges for them."""
    if isinstance(value, range):
        return value
    if is_list(value) or is_tuple(value):
        ctx.charge(len(value))
        return tuple(value)
    if is_dict(value) or isinstance(value, str):
        ctx.charge(len(value))
        return list(value)
    if isinstance(value, Array):
        ctx.charge(value.size)
        if value.ndim == 0:
            ctx.fail("E0402", "an array without axes cannot be iterated over", span)
        return value.rows() if value.ndim > 1 else value.data
    if isinstance(value, Object):
        return value.iterate(ctx, span)
    if isinstance(value, Dyn):
        return _iterate_runtime(ctx, value, span)
    if is_counts(value):
        return list(value.to_dict())
    return ctx.fail("E0402", f"{describe(value)} cannot be iterated over", span)


def elements(ctx: Context, value: Value, span: Span) -> list[Value]:
    """As `iterate`, as a new list; E0605 beyond the limit of a container, before it is made."""
    items = iterate(ctx, value, span)
    limit = ctx.limits.container_elements
    if len(items) > limit:
        ctx.fail("E0605", f"{len(items)} elements are more than the limit of {limit} of a container", span)
    ctx.charge(2 * len(items))
    return list(items)


def _iterate_runtime(ctx: Context, value: Dyn, span: Span) -> list[Value]:
    if value.type in {"int", "float", "bool", "none", "complex"} or value.type.startswith("record:"):
        ctx.fail("E0402", f"{describe(value)} cannot be iterated over", span)
    if value.length is None or value.type == "dict":
        ctx.fail_runtime(
            value,
            "the number of elements",
            span,
            hint="loop over it with `for`, or use a comprehension, `sum`, `max`, `sorted`: these run at run time",
        )
    return [get_item(ctx, value, index, span) for index in range(value.length)]


def length_of(ctx: Context, value: Value, span: Span) -> Value:
    """`len(x)`."""
    if isinstance(value, (list, tuple, dict, str, range)):
        return len(value)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, Object):
        return value.length(ctx, span)
    if isinstance(value, Dyn):
        return value.length if value.length is not None else ctx.emit("len", [value], span=span)
    if isinstance(value, Sym):
        ctx.fail("E0402", "a circuit parameter has no length", span)
    return ctx.apply("len", [value], span=span)


def text_of(ctx: Context, value: Value, span: Span) -> Value:
    """`str(x)`."""
    return to_text(ctx, value, span)
