"""No option is ignored: unknown names and impossible values are errors that name them."""

from __future__ import annotations

import pytest

from eigen.drivers.options import refuse_unknown, whole_number
from eigen.errors import EigenError


def test_an_unknown_option_is_named_with_a_suggestion() -> None:
    with pytest.raises(EigenError) as caught:
        refuse_unknown({"thread": 2}, {"threads"}, where="sim:statevector")
    assert caught.value.code == "EIGEN_DEVICE_OPTION"
    assert "`thread`" in caught.value.message
    assert caught.value.hint == "did you mean `threads`?"


def test_a_device_without_options_says_so() -> None:
    with pytest.raises(EigenError) as caught:
        refuse_unknown({"noise": 1}, (), where="null:classical")
    assert caught.value.hint == "it has no options"


@pytest.mark.parametrize("value", [-1, 9, 1.0, True, "2", None])
def test_a_whole_number_is_checked(value: object) -> None:
    with pytest.raises(EigenError) as caught:
        whole_number({"threads": value}, "threads", 0, low=0, high=8, where="d")
    assert f"`{value!r}`" in caught.value.message


def test_a_whole_number_has_a_default() -> None:
    assert whole_number({}, "threads", 4, low=0, high=8, where="d") == 4
