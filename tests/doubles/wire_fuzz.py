"""Messages that a stranger could send: valid ones drawn from their descriptors, and wire bytes that are none.

Wire format: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from google.protobuf.descriptor import Descriptor

DEPTH = 4
LENGTH_DELIMITED = 2
BAD_UTF8 = b"\xff\xfe\x80"

_INTEGERS = {
    FieldDescriptor.TYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: (0, 2**64 - 1),
}


def at_random(descriptor: Descriptor, words: Sequence[str], depth: int = DEPTH) -> st.SearchStrategy[Any]:
    """Any valid message of a type; text is often one of the `words`, which mean something to the server."""
    fields = {
        field.name: _value(field, words, depth)
        for field in descriptor.fields
        if depth > 0 or field.message_type is None
    }

    @st.composite
    def build(draw: Callable[..., Any]) -> Any:
        message = GetMessageClass(descriptor)()
        if not fields:
            return message
        names = draw(st.sets(st.sampled_from(sorted(fields)), max_size=5))
        for field in descriptor.fields:
            if field.name in names:
                _put(message, field, draw(fields[field.name]))
        return message

    return build()


def _put(message: Any, field: FieldDescriptor, value: Any) -> None:
    place = getattr(message, field.name)
    if not field.is_repeated:
        if field.message_type is not None:
            place.CopyFrom(value)
        else:
            setattr(message, field.name, value)
    elif isinstance(value, dict):
        for key, item in value.items():
            if hasattr(item, "DESCRIPTOR"):
                place[key].CopyFrom(item)
            else:
                place[key] = item
    else:
        place.extend(value)


def _value(field: FieldDescriptor, words: Sequence[str], depth: int) -> st.SearchStrategy[Any]:
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        names = kind.fields_by_name
        values = _value(names["value"], words, depth)
        return st.dictionaries(_scalar(names["key"], words), values, max_size=3)
    item = _scalar(field, words) if kind is None else st.deferred(lambda: at_random(kind, words, depth - 1))
    return st.lists(item, max_size=3) if field.is_repeated else item


def _scalar(field: FieldDescriptor, words: Sequence[str]) -> st.SearchStrategy[Any]:
    if field.type in _INTEGERS:
        low, high = _INTEGERS[field.type]
        return st.sampled_from([low, high, 0, 1, 2, 50]) | st.integers(low, high)
    if field.type == FieldDescriptor.TYPE_ENUM:
        return st.sampled_from([value.number for value in field.enum_type.values]) | st.integers(-(2**31), 2**31 - 1)
    if field.type == FieldDescriptor.TYPE_STRING:
        return st.sampled_from(words) | st.text(max_size=20)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.sampled_from([word.encode() for word in words]) | st.binary(max_size=40)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return st.booleans()
    return st.floats() | st.sampled_from([0.0, 1.0, -1.0])


def varint(number: int) -> bytes:
    """A varint; negative numbers as their 64-bit two's complement."""
    number &= 2**64 - 1
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def chunk(field: FieldDescriptor | int, data: bytes) -> bytes:
    """A length-delimited field."""
    number = field if isinstance(field, int) else field.number
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(data)) + data


def in_every_place(
    descriptor: Descriptor, fits: Callable[[FieldDescriptor], bool], data: Callable[[FieldDescriptor], bytes]
) -> Iterator[tuple[str, bytes]]:
    """Bytes that put `data` into one field that `fits`, for every such field within three levels; with its path."""
    yield from _places(descriptor, fits, data, depth=3, path=descriptor.name)


def _places(
    descriptor: Descriptor,
    fits: Callable[[FieldDescriptor], bool],
    data: Callable[[FieldDescriptor], bytes],
    *,
    depth: int,
    path: str,
) -> Iterator[tuple[str, bytes]]:
    for field in descriptor.fields:
        where = f"{path}.{field.name}"
        if fits(field):
            yield where, data(field)
        if field.message_type is not None and depth > 0:
            for inner, inside in _places(field.message_type, fits, data, depth=depth - 1, path=where):
                yield inner, chunk(field, inside)


def deep_struct(levels: int) -> bytes:
    """A google.protobuf.Struct of so many levels: {"a": {"a": …}}, as bytes."""
    inner = b""
    for _ in range(levels):
        value = chunk(5, inner)  # Value.struct_value
        inner = chunk(1, chunk(1, b"a") + chunk(2, value))  # Struct.fields: key, value
    return inner
