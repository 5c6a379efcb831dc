"""The trace context: ids in every span, parents from outside and from around, spans sent only where one is told to."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.collector import Collector, collecting, tree
from eigen import telemetry
from eigen.config import Settings
from eigen.errors import EigenError
from eigen.telemetry.trace import MAX_CHILDREN, valid_traceparent

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = PARENT[:-1] + "0"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        telemetry.start("eigen-api", Settings(otlp_endpoint=made.endpoint))
        yield made
        telemetry.stop()


def test_outside_any_span_there_is_no_trace() -> None:
    assert (telemetry.traceparent(), telemetry.trace_id()) == ("", "")


def test_ids_exist_although_nobody_records() -> None:
    with telemetry.span("submit") as outer:
        assert valid_traceparent(outer.traceparent) == telemetry.traceparent()
        assert outer.traceparent.endswith("-00"), "nobody records this"
        with telemetry.span("store"):
            assert telemetry.trace_id() == outer.trace_id
    assert telemetry.trace_id() == ""


def test_who_does_not_record_hands_on_the_last_recorded_parent() -> None:
    with telemetry.span("Submit", kind="server", parent=PARENT) as entered:
        assert telemetry.traceparent() == PARENT
        assert entered.span_id not in PARENT, "its log lines have an id of their own"
        with telemetry.span("store"):
            assert telemetry.traceparent() == PARENT


def test_a_client_that_does_not_record_begins_no_trace() -> None:
    with telemetry.span("submit", kind="client"):
        assert telemetry.traceparent() == ""
    with telemetry.span("around"), telemetry.span("call", kind="client"):
        assert telemetry.traceparent() != ""


def test_a_server_span_never_stands_under_what_happens_to_be_around() -> None:
    with telemetry.span("start of the server") as around, telemetry.span("Submit", kind="server") as served:
        assert served.trace_id != around.trace_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        PARENT.upper(),
        PARENT[:-1],
        PARENT + "-00",
        "ff" + PARENT[2:],
        PARENT.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
        PARENT.replace("b7ad6b7169203331", "0" * 16),
        PARENT.replace("b7ad6b7169203331", "b7ad6b716920333x"),
        "0_" + PARENT[2:],
        " " + PARENT,
        PARENT + "\n",
    ],
)
def test_a_malformed_traceparent_begins_a_new_trace(text: str) -> None:
    assert valid_traceparent(text) == ""
    with telemetry.span("Submit", kind="server", parent=text) as served:
        assert len(served.trace_id) == 32
        assert served.trace_id not in text


def test_a_later_version_may_say_more() -> None:
    assert valid_traceparent("01" + PARENT[2:-2] + "03-what-comes-next") == PARENT


@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_any_text_is_taken_or_left(text: str) -> None:
    found = valid_traceparent(text)
    assert found == "" or valid_traceparent(found) == found


def test_a_thread_and_a_task_of_their_own_do_not_mix() -> None:
    seen: dict[str, str] = {}

    async def serve(name: str, turn: asyncio.Event, other: asyncio.Event) -> None:
        with telemetry.span(name, kind="server") as served:
            turn.set()
            await other.wait()
            seen[name] = telemetry.trace_id()
            assert seen[name] == served.trace_id
            assert await asyncio.to_thread(telemetry.trace_id) == served.trace_id

    async def both() -> None:
        one, two = asyncio.Event(), asyncio.Event()
        await asyncio.gather(serve("a", one, two), serve("b", two, one))

    asyncio.run(both())
    assert seen["a"] != seen["b"]
    with telemetry.span("around"):
        thread = threading.Thread(target=lambda: seen.update(thread=telemetry.trace_id()))
        thread.start()
        thread.join()
    assert seen["thread"] == ""


def test_a_stream_may_be_closed_by_another_task() -> None:
    async def stream() -> AsyncIterator[int]:
        with telemetry.span("watch"):
            yield 1
            yield 2

    async def main() -> None:
        events = stream()
        await asyncio.create_task(anext(events))  # type: ignore[arg-type]
        await asyncio.create_task(events.aclose())  # type: ignore[attr-defined]

    asyncio.run(main())


def test_recorded_spans_arrive_as_a_tree(collector: Collector) -> None:
    with telemetry.span("submit", kind="client", job_id="job_1", attempts=2) as root:
        header = telemetry.traceparent()
        assert header.endswith("-01")
    with telemetry.span("Submit", kind="server", parent=header), telemetry.span("compile") as inner:
        inner.set(device_id="sim:statevector")
    telemetry.stop()
    spans = collector.spans
    assert [span.name for span in spans] == ["submit", "Submit", "compile"]
    assert [span.kind for span in spans] == ["client", "server", "internal"]
    assert [span.parent_id for span in spans] == ["", spans[0].span_id, spans[1].span_id], tree(spans)
    assert {span.trace_id for span in spans} == {root.trace_id}
    assert spans[0].attributes == {"eigen.job_id": "job_1", "eigen.attempts": 2}
    assert spans[2].attributes == {"eigen.device_id": "sim:statevector"}
    assert {span.service for span in spans} == {"eigen-api"}


def test_who_is_not_sampled_is_not_sent(collector: Collector) -> None:
    with telemetry.span("Submit", kind="server", parent=UNSAMPLED) as served:
        assert served.trace_id in UNSAMPLED
        assert telemetry.traceparent().endswith("-00")
    with telemetry.span("Submit", kind="server", parent=PARENT):
        pass
    telemetry.stop()
    assert [span.parent_id for span in collector.spans] == ["b7ad6b7169203331"]


def test_a_long_loop_does_not_become_as_many_spans(collector: Collector) -> None:
    with telemetry.span("execute"):
        for _ in range(MAX_CHILDREN + 7):
            with telemetry.span("driver.execute", kind="client"):
                header = telemetry.traceparent()
        assert header.endswith("-00"), "nor does the driver's role record more"
    telemetry.stop()
    (above,) = [span for span in collector.spans if span.name == "execute"]
    assert len(collector.spans) == MAX_CHILDREN + 1
    assert above.attributes == {"eigen.children_left_out": 7}


def test_what_is_untraced_leaves_nothing_behind(collector: Collector) -> None:
    with telemetry.untraced("probe"), telemetry.span("ready", kind="client"):
        assert telemetry.traceparent().endswith("-00")
    telemetry.stop()
    assert collector.spans == []


def test_a_failed_span_says_what_failed(collector: Collector) -> None:
    with pytest.raises(EigenError), telemetry.span("compile"):
        raise EigenError("EIGEN_LANG_REJECTED", "bad `x`; Authorization: Bearer abc.def.ghi")
    telemetry.stop()
    (span,) = collector.spans
    assert span.error == "EIGEN_LANG_REJECTED: bad `x`; Authorization: Bearer (hidden)"
    assert span.attributes == {"error.type": "EIGEN_LANG_REJECTED"}


def test_a_program_that_traces_itself_is_the_parent(collector: Collector) -> None:
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider()
    with (
        provider.get_tracer("theirs").start_as_current_span("their request") as theirs,
        telemetry.span("submit", kind="client") as ours,
    ):
        assert ours.trace_id == f"{theirs.get_span_context().trace_id:032x}"
    telemetry.stop()
    assert [span.parent_id for span in collector.spans] == [f"{theirs.get_span_context().span_id:016x}"]
    provider.shutdown()


@pytest.mark.parametrize("endpoint", ["localhost:4317", "ftp://x", "http://", "//x"])
def test_an_endpoint_that_is_none_is_refused(endpoint: str) -> None:
    with pytest.raises(EigenError, match="must be an address") as caught:
        telemetry.start("eigen-api", Settings(otlp_endpoint=endpoint))
    assert caught.value.code == "EIGEN_CONFIG_INVALID"


def test_nothing_is_loaded_while_it_is_off() -> None:
    program = (
        "import sys; from eigen import telemetry as t\n"
        "with t.span('x', job_id='j'): t.count('eigen_driver_requests_total', driver='a', op='b', success='true')\n"
        "print(*({'logging', 'opentelemetry', 'prometheus_client', 're', 'random'} & (set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import typing, sys; before = set(sys.modules)\n" + program],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.stdout.strip() == ""
