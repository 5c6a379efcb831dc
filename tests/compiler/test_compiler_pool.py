"""The compilers of a server: the same bytes as in this process, and whatever becomes of one, the next text compiles."""

from __future__ import annotations

import os
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from eigen.compiler import compile_program, compiler_pool
from eigen.compiler.compiler_pool import CompilerPool
from eigen.compiler.documents import Request
from eigen.compiler.nursery import Nursery
from eigen.errors import EigenError
from eigen.jobspec.datasets import read_dataset
from eigen.lang.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

T = TypeVar("T")
EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = "from eigen_lang import *\n@hybrid_program()\ndef main"
GOOD = f"{HEAD}():\n    return 1\n"
TURNED = (
    f"{HEAD}(angle=0.25):\n    q = QubitRegister(2)\n    ry(angle, q[0])\n    cx(q[0], q[1])\n"
    "    return measure_all(q)\n"
)
LONG = f"{HEAD}():\n    x = 0\n    for i in range(10**6):\n        x = (x + i) % 7\n    return x\n"
DRAWING = f"{HEAD}():\n    print('é', np.random.normal())\n    return np.random.uniform(size=3).tolist()\n"
LEARNING = f"{HEAD}():\n    points = load_dataset('points')\n    return [points.n_samples, points.features[1][0]]\n"

ODD_CHILD = """
import json, sys

sys.path[:] = json.loads(sys.argv[1])
from eigen.compiler import child, nursery_process

honest, seen = child.compile_program, []

def odd(source, **request):
    seen.append(source)
    if source.startswith("!"):
        exec(source[1:])
    return honest(f"@hybrid_program()\\ndef main():\\n    return {len(seen)}\\n", **request)

child.warm()
child.compile_program = odd
child.warm = lambda: lambda: None
nursery_process.main()
"""
"""Does what the program says: the stand-in for a compiler with a defect that a hostile text found."""


@pytest.fixture(scope="module")
def pool() -> Generator[CompilerPool]:
    found = CompilerPool(2)
    yield found
    found.close()


@pytest.fixture
def odd(tmp_path: Path) -> Generator[CompilerPool]:
    (tmp_path / "odd.py").write_text(ODD_CHILD)
    found = CompilerPool(1, start=lambda seconds: Nursery(seconds, script=tmp_path / "odd.py"))
    yield found
    found.close()


def children(process: int) -> list[int]:
    return [int(name) for name in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def is_dead(process: int) -> bool:
    """Whether it has ended, collected or not."""
    try:
        return ") Z " in Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def until(answer: Callable[[], T]) -> T:
    """The answer once there is one."""
    pause = threading.Event()
    for _ in range(1_000):
        if found := answer():
            return found
        pause.wait(0.01)
    raise AssertionError


def texts_seen(odd: CompilerPool) -> object:
    """How many texts the process that compiles the next one has seen, that one included."""
    (node,) = (node for node in odd(GOOD).program.body.walk() if node.op == "const")
    return node.attrs["value"]


def refusal(pool: CompilerPool, source: str, code: str = "EIGEN_LIMIT_EXCEEDED") -> EigenError:
    with pytest.raises(EigenError) as caught:
        pool(source, filename="odd.eigen.py")
    assert caught.value.code == code
    return caught.value


# The same


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        (GOOD, {}),
        (TURNED, {"options": {"shots": 3, "seed": 9}, "inputs": {"angle": 0.5}, "entrypoint": "main"}),
        (TURNED, {"parameters": {"angle": 0}}),
        (DRAWING.replace("import *", "import *\nimport numpy as np"), {"options": {"seed": 4}}),
        (compile_program(TURNED).circuit.to_aqo().decode(), {"format": "aqo", "filename": "bell.aqo.json"}),  # type: ignore[union-attr]
        *(((path / "program.eigen.py").read_text(), {}) for path in sorted(EXAMPLES.glob("*_vqe"))),
    ],
)
def test_the_documents_are_those_of_this_process(pool: CompilerPool, source: str, asked: dict[str, Any]) -> None:
    near, apart = compile_program(source, **asked), pool(source, **asked)
    assert apart.program_json == near.program.to_json() == apart.program.to_json()
    assert apart.circuit_aqo == (near.circuit and near.circuit.to_aqo())
    assert apart.report == near.report
    assert (apart.circuit and apart.circuit.digest) == (near.circuit and near.circuit.digest)


def test_data_sets_arrive(pool: CompilerPool) -> None:
    datasets = {"points": read_dataset("points", b"x,label\n0.1,0\n-1e300,1\n", filename="points.csv")}
    near, apart = compile_program(LEARNING, datasets=datasets), pool(LEARNING, datasets=datasets)
    assert apart.program_json == near.program.to_json()
    assert apart.report == near.report


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("def f(:\n", {}),
        (f"{HEAD}():\n    no_such_name()\n    return 'é' + 1\n", {"filename": "é.eigen.py"}),
        ("(" * 5000, {}),
        (b"\xff", {}),
        (GOOD, {"parameters": {"x": -1}}),
        (GOOD, {"inputs": {"unknown": 1}}),
        (GOOD, {"format": "cobol"}),
        ("{}", {"format": "aqo"}),
    ],
)
def test_the_errors_are_those_of_this_process(pool: CompilerPool, source: str, asked: dict[str, Any]) -> None:
    from eigen._core import CoreError

    with pytest.raises((EigenError, CoreError)) as near:
        compile_program(source, **asked)
    with pytest.raises(EigenError) as apart:
        pool(source, **asked)
    expected = near.value if isinstance(near.value, EigenError) else EigenError.from_core(near.value)
    assert apart.value.to_json() == expected.to_json()


def test_the_limits_of_the_language_are_those_it_was_given() -> None:
    narrow = CompilerPool(1, limits=Limits(steps=100))
    try:
        assert "more than 100 steps" in refusal(narrow, LONG, "EIGEN_LANG_REJECTED").message
    finally:
        narrow.close()


# Whatever becomes of one


def test_the_nursery_is_kept_and_the_child_is_not(odd: CompilerPool) -> None:
    assert [texts_seen(odd) for _ in range(3)] == [1, 1, 1]
    (nursery,) = odd.processes()
    texts_seen(odd)
    assert odd.processes() == [nursery]


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("import os; os.kill(os.getpid(), 11)", "signal 11"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
        ("import os; os._exit(7)", "status 7"),
        ("bytearray(3 << 30)", "more memory than there is"),
        ("import os; os.write(1, b'[' * 100_000); os._exit(0)", "no usable answer"),
        ("import os; os._exit(0)", "no usable answer"),
        ("import os; os.kill(os.getppid(), 9); os._exit(0)", "signal 9"),  # its nursery dies with it
    ],
)
def test_what_becomes_of_one_is_nothing_to_the_next(odd: CompilerPool, deed: str, words: str) -> None:
    assert texts_seen(odd) == 1
    assert words in refusal(odd, f"!{deed}").message
    assert texts_seen(odd) == 1


def test_a_defect_is_told_with_its_traceback(odd: CompilerPool) -> None:
    error = refusal(odd, "!raise ZeroDivisionError('of ours')", "EIGEN_INTERNAL")
    assert "of ours" in error.message
    assert any("in odd" in note for note in error.__notes__)
    assert "Traceback" not in str(error.to_json())


def test_processor_time_is_limited(odd: CompilerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler_pool, "CPU_SECONDS", 1)
    assert "more than `1` seconds of processor time" in refusal(odd, "!\nwhile True: pass").message
    assert texts_seen(odd) == 1


def test_time_is_limited(odd: CompilerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler_pool, "WALL_SECONDS", 0.5)
    assert "longer than `0.5` seconds" in refusal(odd, "!import time; time.sleep(1000)").message


def test_a_child_that_cannot_be_interrupted_is_given_up(odd: CompilerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler_pool, "WALL_SECONDS", 0.5)
    monkeypatch.setattr(compiler_pool, "GRACE_SECONDS", 0.2)
    deed = "import signal, time; signal.signal(signal.SIGALRM, signal.SIG_IGN); time.sleep(1000)"
    assert "longer than" in refusal(odd, f"!{deed}").message
    assert odd.processes() == []


def test_too_long_an_answer_is_refused(odd: CompilerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler_pool, "ANSWER_BYTES", 1000)
    assert "`1000`" in refusal(odd, "!import os\nwhile True: os.write(1, b'x' * 10000)").message


def test_what_its_caller_no_longer_wants_ends(odd: CompilerPool) -> None:
    class GoneError(Exception):
        pass

    looks: list[int] = []

    def check() -> None:
        looks.append(1)
        if len(looks) > 2:
            raise GoneError

    with pytest.raises(GoneError):
        odd("!import time; time.sleep(1000)", check=check)
    assert odd.processes() == []
    assert texts_seen(odd) == 1


def test_a_nursery_that_died_in_its_sleep_is_replaced(odd: CompilerPool) -> None:
    odd.warm()
    (nursery,) = odd.processes()
    os.kill(nursery, signal.SIGKILL)
    os.waitid(os.P_PID, nursery, os.WEXITED | os.WNOWAIT)
    assert texts_seen(odd) == 1
    assert nursery not in odd.processes()


def test_a_child_that_died_in_its_sleep_is_replaced(odd: CompilerPool) -> None:
    assert texts_seen(odd) == 1
    nursery = odd._take()
    assert nursery is not None
    with nursery.begin(30.0):  # it has collected the child before, and the next one ends with its channel
        pass
    nursery.status(30.0)
    (child,) = until(lambda: children(nursery.process.pid))
    os.kill(child, signal.SIGKILL)
    until(lambda: is_dead(child))
    odd._keep(nursery)
    assert texts_seen(odd) == 1
    assert odd.processes() == [nursery.process.pid]


def test_a_child_that_ends_badly_after_its_answer_costs_its_nursery(odd: CompilerPool) -> None:
    """Its answer is whole and counts; whatever it may have left behind goes with the nursery."""
    deed = "import os; os._exit = lambda _, end=os._exit, me=os.getpid, own=os.getpid(): end(3 * (me() == own))"
    assert odd(f"!{deed}").program.num_qubits == 0
    (nursery,) = odd.processes()
    assert texts_seen(odd) == 1
    assert nursery not in odd.processes()


def test_where_none_can_be_started_the_work_waits(tmp_path: Path) -> None:
    """Nothing is wrong with the program: this is no verdict on it."""
    (tmp_path / "broken.py").write_text("raise SystemExit(3)")
    broken = CompilerPool(1, start=lambda seconds: Nursery(seconds, script=tmp_path / "broken.py"))
    assert "status 3" in refusal(broken, GOOD, "EIGEN_SERVER_UNREACHABLE").message


def test_several_at_a_time(pool: CompilerPool) -> None:
    with ThreadPoolExecutor(4) as threads:
        sources = [GOOD.replace("1", str(number)) for number in range(20)]
        digests = list(threads.map(lambda source: pool(source).program.digest, sources))
    assert digests == [compile_program(source).program.digest for source in sources]
    assert len(pool.processes()) <= 2


def test_a_child_ends_with_the_server(odd: CompilerPool) -> None:
    """Nobody reads what it would answer; the nursery kills its group when the control socket ends."""
    nursery = odd._new()
    channel = nursery.begin(1.0)
    request = Request(
        "!import time; time.sleep(1000)", "odd", "eigen-lang", None, {}, {}, {}, None, DEFAULT_LIMITS, 1 << 30, 10
    )
    channel.sendall(request.dump())
    channel.shutdown(socket.SHUT_WR)
    nursery._control.close()
    assert nursery.process.wait(30) == -signal.SIGKILL
    with channel, suppress(ConnectionResetError):
        assert channel.recv(1) == b""  # the child had the other end, and is gone too


def test_nothing_is_left_after_closing() -> None:
    pool = CompilerPool(2)
    pool(GOOD)
    (nursery,) = pool.processes()
    begun = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        working = threads.submit(pool, TURNED, check=begun.set)
        assert begun.wait(30)
        pool.close()
        assert working.result().program.num_qubits == 2
    assert pool.processes() == []
    with pytest.raises(ProcessLookupError):
        os.kill(nursery, 0)
