"""The reference of the language: examples compile, signatures are those that are bound, the stub is current."""

from __future__ import annotations

from pathlib import Path

import eigen_lang
import pytest
from eigen_lang import stub
from language import checked

from eigen.lang.library.catalogue import ENTRIES, GROUPS, Entry
from eigen.lang.prelude import PRELUDE


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_example_compiles_without_complaint(entry: Entry) -> None:
    result = checked(entry.program())
    assert result.diagnostics == ()
    assert result.program is not None
    assert entry.name in entry.example


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_entry_is_explained(entry: Entry) -> None:
    assert entry.group in GROUPS
    assert len(entry.doc) >= 8
    assert entry.doc.endswith(".")


CALLED = [entry for entry in ENTRIES if entry.group != "gates" and not entry.signature.startswith("*")]


@pytest.mark.parametrize("entry", CALLED, ids=lambda entry: entry.name)
def test_signatures_are_the_ones_that_are_bound(entry: Entry) -> None:
    """An unknown keyword is refused with E0401, and a documented one is not."""
    if entry.name in {"hybrid_program", "minimize"}:
        return  # options of their own, tested there
    head = "from eigen_lang import *\n\n\n@hybrid_program()\ndef main():\n    return "
    wrong = checked(f"{head}{entry.name}(no_such_argument_=1)\n")
    assert [item.code for item in wrong.errors] == ["E0401"]
    names = [part.partition("=")[0].strip() for part in entry.signature.split(",") if "*" not in part and part.strip()]
    for name in names:
        result = checked(f"{head}{entry.name}({name}=None)\n")
        assert not any(f"has no argument `{name}`" in item.message for item in result.diagnostics), name


def test_the_stub_is_written_from_the_reference() -> None:
    path = Path(eigen_lang.__file__).with_suffix(".pyi")
    assert path.read_text("utf-8") == stub.render(), (
        "write it anew: python -m eigen_lang.stub > src/eigen_lang/__init__.pyi"
    )


def test_names_are_those_of_the_prelude() -> None:
    assert set(eigen_lang.names()) == set(PRELUDE) == {entry.name for entry in ENTRIES}
    assert len(ENTRIES) == len(PRELUDE)
