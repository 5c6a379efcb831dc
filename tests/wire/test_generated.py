"""The committed messages are those of the protos, and the numbers of the original contract stand where they stood."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from doubles.original_contract import ENUMS, MESSAGES, METHODS
from eigen.wire import messages

ROOT = Path(__file__).parents[2]
FILES = [messages.jobs, messages.devices, messages.types]


def test_the_generated_code_is_current() -> None:
    subprocess.run([sys.executable, ROOT / "proto" / "generate.py", "--check"], check=True)


@pytest.mark.parametrize("name", MESSAGES)
def test_original_messages_keep_their_fields(name: str) -> None:
    pool = messages.types.DESCRIPTOR.pool
    ours = pool.FindMessageTypeByName(f"eigen.api.v1.{name}")
    for number, (field, kind) in MESSAGES[name].items():
        found = ours.fields_by_number[number]
        wanted = kind.removeprefix("repeated ")
        assert found.name == field
        assert found.is_repeated == (kind.startswith(("repeated ", "map<")))
        if found.message_type is None or found.message_type.GetOptions().map_entry:
            continue
        assert found.message_type.full_name.endswith(wanted)


@pytest.mark.parametrize("name", ENUMS)
def test_original_enums_keep_their_numbers(name: str) -> None:
    ours = messages.types.DESCRIPTOR.pool.FindEnumTypeByName(f"eigen.api.v1.{name}")
    for number, value in enumerate(ENUMS[name]):
        assert ours.values_by_number[number].name == value


def test_original_methods_are_there() -> None:
    services = {service.name: service for service in messages.SERVICES}
    for path, (request, response, streams) in METHODS.items():
        service, name = path.split("/")
        method = services[service].methods_by_name[name]
        assert (method.input_type.name, method.output_type.name) == (request, response)
        assert method.server_streaming is streams
        assert not method.client_streaming


def test_our_fields_lie_beyond_the_original_ones() -> None:
    """An addition to a message of the original contract has a number from 30 on, where that one has none."""
    pool = messages.types.DESCRIPTOR.pool
    for name, fields in MESSAGES.items():
        for field in pool.FindMessageTypeByName(f"eigen.api.v1.{name}").fields:
            assert field.number in fields or field.number >= 30, f"{name}.{field.name}"
