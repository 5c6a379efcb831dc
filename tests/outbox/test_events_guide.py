"""docs/guides/events.md: its tables are those of the code, its examples are events, its program reads them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema import Draft202012Validator

from eigen.config import Settings
from eigen.errors import EigenError
from eigen.outbox import relay
from eigen.outbox.kafka_sink import KafkaOptions, KafkaSink
from eigen.outbox.mapping import TYPE, Mapper
from eigen.outbox.shapes import DATA, json_schema
from eigen.outbox.sink import TOPICS
from eigen.qfs.outbox_store import Told
from eigen.types import JobEvent, JobState

if TYPE_CHECKING:
    from bench.kafka_server import KafkaServer

GUIDES = Path(__file__).parents[2] / "docs/guides"
GUIDE = (GUIDES / "events.md").read_text("utf-8")
OPERATIONS = (GUIDES / "operations.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def test_the_table_of_types_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| (`[a-z.`, ]+`) \| `eigen\.([a-z-]+)` \|", GUIDE, flags=re.MULTILINE)
    assert {name for names, _ in rows for name in re.findall(r"`([a-z.]+)`", names)} == set(DATA)
    assert {topic for _, topic in rows} == set(TOPICS)


def test_the_table_of_members_is_that_of_the_schema() -> None:
    table = GUIDE.partition("| member | meaning |")[2].partition("\n\n")[0].strip()
    firsts = [line.split("|")[1] for line in table.splitlines()]
    names = {name for first in firsts for name in re.findall(r"`([a-z]+)`", first)}
    assert names | {"type"} == set(json_schema()["properties"])


def test_the_examples_are_events() -> None:
    (lines,) = blocks(GUIDE, "json")
    validator = Draft202012Validator(json_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    for line in lines.splitlines():
        validator.validate(json.loads(line))


def test_the_settings_are_settings() -> None:
    for text in (*blocks(GUIDE, "toml"), *blocks(OPERATIONS.partition("## Kafka")[2], "toml")):
        assert replace(Settings(), **tomllib.loads(text)).kafka_brokers


def test_the_figures_are_those_of_the_code() -> None:
    text = " ".join(GUIDE.split())
    assert f"at most {relay.BATCH_BYTES // 2**20} MiB" in text
    assert relay.REFUSALS == 5
    assert "refuse five times" in text


def test_the_program_reads_each_event_once(kafka: KafkaServer, tmp_path: Path) -> None:
    (program,) = blocks(GUIDE, "python")
    sink = KafkaSink(KafkaOptions(kafka.brokers))
    told, mapper = Told("job_1", "bell", "", "acme", "lab", ""), Mapper("urn:uuid:1", sink.limit_bytes)
    moment = "2026-11-22T06:00:00.000000Z"
    states = [JobState.PENDING, JobState.CANCELLED]
    messages = [
        mapper.event(told, JobEvent("job_1", seq, state, "", 0.0, "", moment))[0][0]
        for seq, state in enumerate(states, 1)
    ]
    for batch in (messages[:1], messages):  # the first one again
        for _ in range(30):
            try:
                assert list(sink.send(batch)) == [""] * len(batch)
                break
            except EigenError:
                continue
    sink.close()
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "BROKERS": kafka.brokers},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines() == ["job_1 PENDING", "job_1 CANCELLED"]
    assert messages[0].event["type"] == f"{TYPE}pending"
