"""Price sheets: what is read, what is refused, and which price a device gets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eigen.errors import EigenError
from eigen.estimate import joined, priced, read_sheet
from eigen.types import Device, Tariff

EXAMPLE = Path(__file__).parents[2] / "examples/estimate/prices.toml"
DEVICE = Device("vendor:chip", "Chip", "qpu", 5)


def sheet(rows: str, head: str = 'name = "test"\ncurrency = "EUR"\n') -> bytes:
    return (head + rows).encode()


def test_the_example_is_read_and_says_that_it_is_one() -> None:
    prices = read_sheet(EXAMPLE.read_bytes(), "prices.toml")
    assert prices["chip"].per_shot == 0.0005
    assert prices["chip"].as_of == "2026-01-01"
    assert "invented" in prices["chip"].sheet


def test_a_name_wins_over_a_beginning_and_a_longer_one_over_a_shorter() -> None:
    rows = '[[price]]\ndevice = "*"\nper_shot = 1\n[[price]]\ndevice = "vendor:*"\nper_shot = 2\n'
    prices = read_sheet(sheet(rows), "a.toml")
    found = Tariff.of(priced(DEVICE, prices))
    assert found is not None
    assert found.per_shot == 2
    named = prices | {"vendor:chip": replace(prices["*"], per_shot=3.0)}
    found = Tariff.of(priced(DEVICE, named))
    assert found is not None
    assert found.per_shot == 3
    assert priced(DEVICE, {}) is DEVICE
    assert Tariff.of(DEVICE) is None


def test_a_price_changes_nothing_that_circuits_depend_on() -> None:
    prices = read_sheet(sheet('[[price]]\ndevice = "vendor:chip"\nper_task = 1\n'), "a.toml")
    assert priced(DEVICE, prices).digest == DEVICE.digest


def test_what_work_costs() -> None:
    tariff = Tariff(per_task=0.5, per_shot=0.01, per_second=2.0, currency="EUR")
    assert tariff.cost(tasks=2, shots=100, seconds=3) == pytest.approx(1 + 1 + 6)
    assert tariff.in_words(1.25) == "1.25 EUR"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"\xff", "no TOML"),
        (b"name = 1", "needs a `name`"),
        (sheet(""), "needs a `\\[\\[price\\]\\]`"),
        (sheet('[[price]]\ndevice = "a"\nper_shot = 1\n', 'name = "x"\ncurrency = "euro"\n'), "three capitals"),
        (sheet('[[price]]\ndevice = "a"\nper_shots = 1\n'), "unknown `per_shots`"),
        (sheet('[[price]]\ndevice = "a"\n'), "no price of `a`"),
        (sheet('[[price]]\ndevice = "a*b"\nper_shot = 1\n'), "names a `device`"),
        (sheet('[[price]]\ndevice = "a"\nper_shot = -1\n'), "no price: `-1`"),
        (sheet('[[price]]\ndevice = "a"\nper_shot = nan\n'), "no price: `nan`"),
        (sheet('[[price]]\ndevice = "a"\nper_shot = true\n'), "no price: `True`"),
        (sheet('[[price]]\ndevice = "a"\nper_shot = 1\n' * 2), "says twice"),
        (sheet("price = [1]\n"), "no table"),
        (sheet("tax = 1\n"), "unknown `tax`"),
    ],
)
def test_what_is_no_sheet_is_refused_with_its_path(data: bytes, complaint: str) -> None:
    with pytest.raises(EigenError, match=complaint) as caught:
        read_sheet(data, "a.toml")
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
    assert caught.value.where == "a.toml"


def test_two_sheets_may_not_price_one_device() -> None:
    rows = read_sheet(sheet('[[price]]\ndevice = "a"\nper_shot = 1\n'), "a.toml")
    with pytest.raises(EigenError, match="as `test` does"):
        joined([("a.toml", rows), ("b.toml", rows)])


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "{a=" * 50_000, "\xff"])
def test_what_is_no_toml_is_refused(text: str) -> None:
    with pytest.raises(EigenError) as caught:
        read_sheet(text.encode("latin-1"), "prices.toml")
    assert caught.value.code == "EIGEN_CONFIG_INVALID"


@pytest.mark.parametrize("price", ["1" + "0" * 400, "1e13", "nan", "-1", "true", '"1"'])
def test_a_price_is_a_number_that_can_be_paid(price: str) -> None:
    text = f'name = "n"\ncurrency = "EUR"\n[[price]]\ndevice = "d"\nper_shot = {price}\n'
    with pytest.raises(EigenError, match="no price") as caught:
        read_sheet(text.encode(), "prices.toml")
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
