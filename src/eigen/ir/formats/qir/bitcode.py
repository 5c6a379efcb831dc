"""LLVM's bitcode to text and back, through pyqir in a process of its own: what is no bitcode can end that process.

pyqir, an extra, is found here and loaded there. The process gets the document on stdin and limits on what it takes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from eigen.errors import EigenError
from eigen.ir.formats.table import MAX_TEXT_BYTES

MAGIC = (b"BC\xc0\xde", b"\xde\xc0\x17\x0b")
"""What bitcode begins with, as it is and in its wrapper."""
SCRIPT = Path(__file__).parent / "bitcode_process.py"
INTERPRETER = (sys.executable, "-I", "-S", "-E", "-W", "ignore")
ENVIRONMENT = {"LC_ALL": "C.UTF-8"}
RESOURCES = {"RLIMIT_AS": 1 << 30, "RLIMIT_CPU": 20, "RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0}
WALL_SECONDS = 60.0


def is_bitcode(data: bytes) -> bool:
    """Whether a document begins as bitcode does."""
    return data.startswith(MAGIC)


def text_of(data: bytes, where: str = "") -> str:
    """The text of bitcode, verified by LLVM. Raises EIGEN_FORMAT_INVALID, EIGEN_LIMIT_EXCEEDED, EIGEN_NOT_AVAILABLE."""
    if not is_bitcode(data):
        raise EigenError("EIGEN_FORMAT_INVALID", "the document is no bitcode of LLVM", where=where)
    return _asked("text", data, where).decode("utf-8", "replace")


def bitcode_of(text: bytes, where: str = "") -> bytes:
    """The bitcode of a text, verified by LLVM. Raises EigenError as `text_of` does."""
    return _asked("bitcode", text, where)


def _asked(what: str, data: bytes, where: str) -> bytes:
    found = find_spec("pyqir")
    if found is None or found.origin is None:
        message = "pyqir is not installed, which bitcode of LLVM needs"
        hint = "pip install 'eigen-os[qir]', or give QIR as LLVM's text"
        raise EigenError("EIGEN_NOT_AVAILABLE", message, where=where, hint=hint)
    path = str(Path(found.origin).parent.parent)
    request = {"path": path, "to": what, "resources": RESOURCES, "most": MAX_TEXT_BYTES}
    try:
        done = subprocess.run(
            (*INTERPRETER, str(SCRIPT)),
            input=json.dumps(request).encode() + b"\n" + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=ENVIRONMENT,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"LLVM took more than {WALL_SECONDS:.0f} s for the module"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where=where) from None
    except OSError as error:
        message = f"no process can be started for LLVM: {error.strerror}"
        raise EigenError("EIGEN_SERVER_UNREACHABLE", message, where=where) from None
    return _answer(done.returncode, done.stdout, where)


def _answer(status: int, answer: bytes, where: str) -> bytes:
    """What the process wrote, or the error that its end means."""
    head, _, rest = answer.partition(b"\n")
    if status == 0 and head == b"made":
        return rest
    if status == 0 and head == b"large":
        message = f"the module is over `{MAX_TEXT_BYTES}` bytes once it is written out"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where=where)
    if status == 0 and head == b"memory":
        raise EigenError("EIGEN_LIMIT_EXCEEDED", "LLVM takes too much memory for the module", where=where)
    told = (
        rest.decode("utf-8", "replace")[:200]
        if status == 0 and head == b"refused"
        else f"it ended with status {status}"
    )
    shown = "".join(letter if letter.isprintable() else " " for letter in told)
    raise EigenError("EIGEN_FORMAT_INVALID", f"LLVM cannot read the module: {shown}", where=where)
