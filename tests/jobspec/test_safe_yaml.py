"""YAML is data and nothing else: YAML 1.2 scalars, and a coded error at a position for everything dangerous."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.jobspec.safe_yaml import MAX_BYTES, read_yaml

SCALARS: list[tuple[str, Any]] = [
    ("no", "no"),
    ("yes", "yes"),
    ("on", "on"),
    ("true", True),
    ("False", False),
    ("null", None),
    ("~", None),
    ("12:30:45", "12:30:45"),
    ("0777", 777),
    ("0o17", 15),
    ("0x1F", 31),
    ("1_000", "1_000"),
    ("1e3", 1000.0),
    ("+1.5", 1.5),
    (".5", 0.5),
    ("2001-01-01", "2001-01-01"),
    ("'1'", "1"),
    ('"true"', "true"),
    ("-0", 0),
    ("=", "="),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars_follow_yaml_1_2(text: str, value: Any) -> None:
    found = read_yaml(f"a: {text}").value["a"]
    assert found == value
    assert type(found) is type(value)


HOSTILE: dict[str, str | bytes] = {
    "anchor": "a: &x 1",
    "alias": "a: &x 1\nb: *x",
    "unknown alias": "a: *nothing",
    "recursive alias": "&a [*a]",
    "laughs": "a: &a [l,l]\nb: &b [*a,*a]\nc: [*b,*b]",
    "merge": "base: {x: 1}\n<<: {y: 2}",
    "merge with alias": "a: &a {x: 1}\nb: {<<: *a}",
    "python object": "a: !!python/object/apply:os.system ['true']",
    "python name": "a: !!python/name:os.system",
    "local tag": "a: !thing 1",
    "verbatim tag": "a: !<tag:yaml.org,2002:str> 1",
    "non-specific tag": "a: ! 1",
    "standard tag": "a: !!str 1",
    "binary": "a: !!binary aGk=",
    "tag on a list": "a: !!set {b}",
    "tag directive": "%TAG ! tag:example.com,2000:\n---\na: 1",
    "version directive": "%YAML 1.1\n---\na: 1",
    "two documents": "a: 1\n---\nb: 2",
    "duplicate key": "a: 1\na: 2",
    "duplicate nested key": "a: {b: 1, b: 2}",
    "duplicate quoted key": "a: 1\n'a': 2",
    "integer key": "1: a",
    "float key": "1.5: a",
    "null key": "~: a",
    "boolean key": "true: a",
    "empty key": ": a",
    "list key": "? [a, b]\n: c",
    "mapping key": "? {a: 1}\n: c",
    "flow list key": "{[1]: 2}",
    "infinity": "a: .inf",
    "negative infinity": "a: -.INF",
    "not a number": "a: .NaN",
    "overflowing float": "a: 1e400",
    "huge integer": "a: " + "9" * 5000,
    "huge hexadecimal": "a: 0x" + "f" * 5000,
    "deep lists": "[" * 5000,
    "deep mappings": "{a: " * 5000,
    "deep blocks": "\n".join("  " * level + "a:" for level in range(300)),
    "nested dashes": "- " * 300 + "1",
    "nested questions": "? " * 300,
    "many values": "[" + "1," * 150_000 + "1]",
    "too large": b"#" * (MAX_BYTES + 1),
    "tab indentation": "a:\n\t- 1",
    "unclosed quote": 'a: "abc',
    "unclosed brace": "a: {b: 1",
    "stray bracket": "a: ]",
    "bad escape": r'a: "\xZZ"',
    "lone surrogate": r'a: "\ud800"',
    "NUL": b"a: \x00",
    "not UTF-8": b"a: \xff\xfe",
    "UTF-16": "a: 1".encode("utf-16"),
    "latin-1": "a: é".encode("latin-1"),
    "control character": "a: \x07",
    "colon in a plain scalar": "a: b: c",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused_with_a_code(text: str | bytes) -> None:
    with pytest.raises(EigenError) as caught:
        read_yaml(text)
    assert caught.value.code in {"EIGEN_JOBSPEC_INVALID", "EIGEN_LIMIT_EXCEEDED"}
    assert "job.yaml" in caught.value.where


def test_the_position_of_every_value_is_known() -> None:
    document = read_yaml("a:\n  - x\n  - {b: 1}\n")
    assert document.marks[("a", 1, "b")] == (3, 9)


def test_the_pure_python_parser_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    for text, value in SCALARS:
        assert read_yaml(f"a: {text}").value == {"a": value}
    for name, text in HOSTILE.items():
        if name != "many values":  # the slow parser takes seconds to read what the fast one counts at once
            with pytest.raises(EigenError):
                read_yaml(text)


def test_the_largest_allowed_list_is_read() -> None:
    assert len(read_yaml("a: [" + "'x'," * 90_000 + "]").value["a"]) == 90_000


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz_", min_size=1, max_size=5), inner),
    max_leaves=12,
)


@given(values)
def test_json_is_read_as_json(value: Any) -> None:
    """JSON is YAML 1.2: any document of ours that is JSON means what JSON says."""
    import json

    assert read_yaml(json.dumps(value, ensure_ascii=False)).value == value


def outcome(data: bytes | str) -> str:
    try:
        read_yaml(data)
    except EigenError as error:
        return error.code
    return "ok"


OUTCOMES = {"ok", "EIGEN_JOBSPEC_INVALID", "EIGEN_LIMIT_EXCEEDED"}


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_value_or_a_coded_error(data: bytes) -> None:
    assert outcome(data) in OUTCOMES


@given(st.text("ab:-?[]{}&*!|>%#'\"\n ,<0~", max_size=60))
def test_any_yaml_punctuation_ends_in_a_value_or_a_coded_error(text: str) -> None:
    assert outcome(text) in OUTCOMES
