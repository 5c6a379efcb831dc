"""`Sink`: where events are told, and `Message`, what is told. Only shapes, no I/O."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import Json

TOPICS = ("jobs", "tasks", "artifacts", "logs", "dead-letters")
"""The topics, without their prefix."""

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
SHORT_TEXT = 1_000
"""Characters that are left of a text in a message that refers to its data."""


@dataclass(frozen=True, slots=True)
class Message:
    """A CloudEvent for a topic. Those of one key arrive in order; `value` is the event as UTF-8 JSON."""

    topic: str
    key: str
    id: str
    event: Mapping[str, Json]
    value: bytes

    @classmethod
    def of(cls, topic: str, event: Mapping[str, Json], *, limit: int) -> Message:
        """The message of an event; one of more than `limit` bytes refers to its data instead."""
        message = cls(topic, str(event["subject"]), str(event["id"]), event, encoded(event))
        return message if len(message.value) <= limit else message.referring()

    @property
    def refers(self) -> bool:
        """Whether it says where its data are instead of holding all of them."""
        return "dataref" in self.event

    def referring(self) -> Message:
        """The same event with a reference in the place of what can be large (the extension `dataref` of CloudEvents,
        https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/dataref.md)."""
        if self.refers:
            return self
        data: dict[str, Any] = dict(self.event["data"])  # type: ignore[arg-type]
        whole = encoded(data)
        short: dict[str, Any] = {name: _short(value) for name, value in data.items()}
        short["omitted"] = {"size_bytes": len(whole), "sha256": sha256(whole).hexdigest()}
        event = {**self.event, "dataref": _reference(self.topic, data), "data": short}
        return Message(self.topic, self.key, self.id, event, encoded(event))


class Sink(Protocol):
    """Where events are told. One thread uses it."""

    name: str
    """By this name the database keeps how far it was told."""

    limit_bytes: int
    """The largest message it is given."""

    def send(self, batch: Sequence[Message]) -> Sequence[str]:
        """Deliver messages durably, those of one topic and key in their order; returns for each why it was refused
        for good, empty for one that was taken.

        Raises EIGEN_EVENTS_UNAVAILABLE within seconds when that is not known of all. The same batch is then to be
        given again: what was begun goes on, and nothing of it is begun anew if that can be helped.
        """
        ...

    def describe(self) -> str:
        """What it is and how it answers, in a line for people; EIGEN_EVENTS_UNAVAILABLE."""
        ...

    def close(self) -> None:
        """Give up what is under way."""
        ...


def encoded(value: Mapping[str, Json]) -> bytes:
    """A JSON object as UTF-8: sorted keys, no white space."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace")


def away(name: str, why: str) -> EigenError:
    """The error of a sink that cannot be used now."""
    return EigenError("EIGEN_EVENTS_UNAVAILABLE", f"events cannot be told to `{name}`: {why}")


def _short(value: Json) -> Json:
    if isinstance(value, str):
        return value[:SHORT_TEXT]
    return {} if isinstance(value, dict) else value


def _reference(topic: str, data: Mapping[str, Json]) -> str:
    """Where the REST surface answers with it."""
    job = f"/v1/jobs/{data['job_id']}"
    if topic == "logs":
        return f"{job}/logs"
    return f"{job}/events?after={int(str(data.get('seq', 1))) - 1}&limit=1"
