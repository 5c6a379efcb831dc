"""Cost models that are kept: they count on this host and for their version only, and damage is never more than that."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.drivers import cost_models
from eigen.drivers.measuring import Sample
from eigen.types import Device
from eigen.types.cost_model import PROPERTY, TERMS, CostModel

if TYPE_CHECKING:
    from pathlib import Path

DEVICE = Device("toy:one", "toy", "simulator", 14, properties={"version": "1"})
MODEL = CostModel("amplitudes", tuple(0.5**index for index in range(len(TERMS))), 1.5, 12, 0.1, 2.0, "1", "2026-01-02")
HERE = cost_models.host(1)
SAMPLES = [Sample(2, 5, 100, 0, 1e-3, 2e-3)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "cost_models.json"


def test_what_is_kept_is_found_again(path: Path) -> None:
    other, its = replace(DEVICE, id="toy:two"), replace(MODEL, growth="qubits")
    cost_models.keep(path, HERE, DEVICE, MODEL, SAMPLES)
    cost_models.keep(path, HERE, other, its, [])
    rows = cost_models.load(path)
    assert cost_models.known(rows, DEVICE, HERE) == MODEL
    assert cost_models.known(rows, other, HERE) == its
    assert cost_models.known(rows, replace(DEVICE, id="toy:three"), HERE) is None
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_why_a_model_does_not_count_is_said(path: Path) -> None:
    cost_models.keep(path, HERE, DEVICE, MODEL, SAMPLES)
    rows = cost_models.load(path)
    newer = replace(DEVICE, properties={"version": "2"})
    assert cost_models.known(rows, newer, HERE) == "with version 1 of its engine, and this is 2"
    assert cost_models.known(rows, DEVICE, cost_models.host(2)) == "on another host: its threads is `1`, here `2`"
    there = {**HERE, "processor": "another"}
    assert str(cost_models.known(rows, DEVICE, there)).startswith("on another host: its processor is `")
    assert cost_models.known(rows, DEVICE, cost_models.host(1, 3)) == "on another host: its processors is `0`, here `3`"
    given = cost_models.host(1, given={"token": "secret"})
    assert cost_models.known(rows, DEVICE, given) == "with other settings of its driver"
    assert "secret" not in str(given)
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "format": 99}))
    assert cost_models.known(cost_models.load(path), DEVICE, HERE) == "in another format"
    path.write_text('{"format": 2, "devices": {"toy:one": {}}}')
    assert cost_models.known(cost_models.load(path), DEVICE, HERE) == "and the file is damaged"
    path.write_text(json.dumps({**document, "format": 99}))
    cost_models.keep(path, HERE, replace(DEVICE, id="toy:two"), MODEL, [])
    assert cost_models.known(cost_models.load(path), DEVICE, HERE) is None, "what cannot be read is not kept"


@given(st.data())
def test_no_damage_is_more_than_a_model_that_does_not_count(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("models") / "cost_models.json"
    cost_models.keep(path, HERE, DEVICE, MODEL, SAMPLES)
    whole = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        whole[place] ^= data.draw(st.integers(1, 255))
    else:
        del whole[place:]
    path.write_bytes(whole)
    found = cost_models.known(cost_models.load(path), DEVICE, HERE)
    assert found is None or isinstance(found, str | CostModel)


OTHERS = ["{", "[]", '{"format": 2}', '{"format": 2, "devices": 3}', '{"format": 2, "devices": {"toy:one": 3}}']


@pytest.mark.parametrize("text", [*OTHERS, "[" * 100_000])
def test_other_documents_hold_nothing(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    assert cost_models.known(cost_models.load(path), DEVICE, HERE) is None


def test_a_file_too_large_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cost_models.keep(path, HERE, DEVICE, MODEL, SAMPLES)
    monkeypatch.setattr(cost_models, "MOST_BYTES", 10)
    assert cost_models.load(path) == {}


def test_a_device_says_its_model() -> None:
    told = replace(DEVICE, properties={PROPERTY: MODEL.to_json()})
    assert CostModel.of(told) == MODEL
    assert CostModel.of(DEVICE) is None
    assert told.digest == replace(DEVICE, properties={}).digest, "no circuit depends on it"
    whole: dict[str, Any] = MODEL.to_json()
    wrong: list[Any] = [{}, 3, "x", [], {**whole, "growth": "none"}, {**whole, "off": 0.5}, {**whole, "widest": 0}]
    wrong += [{**whole, "seconds": {**whole["seconds"], "gate": value}} for value in (-1.0, float("nan"), "x", None)]
    for value in wrong:
        assert CostModel.of(replace(DEVICE, properties={PROPERTY: value})) is None
