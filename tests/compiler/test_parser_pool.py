"""The parsers of a server: as those of one text, and whatever becomes of one, the next text is parsed."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from eigen.compiler import compile_program, parser_pool, parser_process
from eigen.compiler.parser_pool import ParserPool
from eigen.compiler.parser_process import parse_in_process
from eigen.errors import EigenError
from eigen.lang.limits import DEFAULT_LIMITS
from eigen.lang.source import TextRefusedError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

ODD_PARSER = '''
"""Does what the text says: the stand-in for a parser with a defect that a hostile text found."""
state = []

def main():
    import json, os, sys
    text = json.loads(sys.stdin.buffer.read())["text"]
    state.append(text)
    answer = {"tree": [["Expr", 1, 0, 1, 1, ["Constant", 1, 0, 1, 1, len(state)]]]}
    if text.startswith("!"):
        exec(text[1:])
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
'''


@pytest.fixture
def pool() -> Generator[ParserPool]:
    found = ParserPool(2)
    yield found
    found.close()


@pytest.fixture
def odd(tmp_path: Path) -> Generator[ParserPool]:
    (tmp_path / "parse.py").write_text(ODD_PARSER)
    found = ParserPool(1, folder=tmp_path)
    yield found
    found.close()


def lines_seen(pool: ParserPool) -> object:
    """How many texts the process that parses the next one has seen, that one included."""
    return pool.start("x", DEFAULT_LIMITS).result().body[0][5][5]


def refusal(pool: ParserPool, text: str) -> str:
    with pytest.raises(TextRefusedError) as caught:
        pool.start(text, DEFAULT_LIMITS).result()
    assert caught.value.diagnostic.code == "E0104"
    return caught.value.diagnostic.message


@pytest.mark.parametrize("text", ["x = 1\n", "s = 'é'; y = 2\n", "def f():\n    return [1.5, 2j, None]\n"])
def test_the_tree_is_that_of_a_parser_of_its_own(pool: ParserPool, text: str) -> None:
    assert pool.start(text, DEFAULT_LIMITS).result().body == parse_in_process(text, DEFAULT_LIMITS).body


def test_a_syntax_error_is_told(pool: ParserPool) -> None:
    with pytest.raises(EigenError, match="E0101"):
        compile_program("def f(:\n", parser=pool.start)


def test_the_nursery_is_kept_and_the_parser_is_not(odd: ParserPool) -> None:
    assert [lines_seen(odd) for _ in range(3)] == [1, 1, 1]
    (nursery,) = odd.processes()
    lines_seen(odd)
    assert odd.processes() == [nursery]


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("os.kill(os.getpid(), 11)", "status -11"),
        ("os._exit(7)", "status 7"),
        ("raise RuntimeError", "status 1"),
        ("os.close(0); os.close(1); os._exit(0)", "no usable answer"),
        ("sys.stdout.write('[' * 100_000); sys.stdout.flush(); os._exit(0)", "no usable answer"),
        ("bytearray(1 << 40)", "status 1"),
        ("os.kill(os.getppid(), 9); os._exit(0)", "was lost"),
    ],
)
def test_what_becomes_of_one_parser_is_nothing_to_the_next(odd: ParserPool, deed: str, words: str) -> None:
    lines_seen(odd)
    assert words in refusal(odd, f"!{deed}")
    assert lines_seen(odd) == 1


def test_time_is_limited(odd: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_process, "WALL_SECONDS", 0.3)
    assert "ran out of time" in refusal(odd, "!\nwhile True: pass")
    assert lines_seen(odd) == 1


def test_a_parser_that_cannot_be_interrupted_is_given_up(odd: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_process, "WALL_SECONDS", 0.2)
    monkeypatch.setattr(parser_pool, "GRACE_SECONDS", 0.2)
    deed = "import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
    assert "was lost" in refusal(odd, f"!{deed}")
    assert lines_seen(odd) == 1


def test_too_long_an_answer_is_refused(odd: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_process, "ANSWER_BYTES", 1000)
    assert "status" in refusal(odd, "!\nwhile True: sys.stdout.write('x' * 10000)")
    assert "status 0" in refusal(odd, "!sys.stdout.write('x' * 2000); sys.stdout.flush(); os._exit(0)")
    assert lines_seen(odd) == 1


def test_a_nursery_that_died_in_its_sleep_is_replaced(pool: ParserPool) -> None:
    pool.start("x\n", DEFAULT_LIMITS).result()
    (nursery,) = pool.processes()
    os.kill(nursery, signal.SIGKILL)
    os.waitid(os.P_PID, nursery, os.WEXITED | os.WNOWAIT)
    assert pool.start("x\n", DEFAULT_LIMITS).result().body[0][0] == "Expr"
    assert nursery not in pool.processes()


def test_several_at_a_time(pool: ParserPool) -> None:
    with ThreadPoolExecutor(4) as threads:
        trees = threads.map(lambda n: pool.start(f"x = {n}\n", DEFAULT_LIMITS).result(), range(20))
    assert [tree.body[0][6][5] for tree in trees] == list(range(20))
    assert len(pool.processes()) <= 2


def test_nothing_is_left_after_closing(pool: ParserPool) -> None:
    working = pool.start("x = 1\n", DEFAULT_LIMITS)
    pool.start("y = 1\n", DEFAULT_LIMITS).result()
    (nursery,) = pool.processes()
    pool.close()
    assert working.result().body
    assert pool.processes() == []
    with pytest.raises(ProcessLookupError):
        os.kill(nursery, 0)
