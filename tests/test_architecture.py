"""The house as law: who may import whom, where I/O and clocks may occur, and how large a room may grow.

The table is the one of ARCHITECTURE.md; this test walks every import of every file, lazy ones included.
"""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"

BASE = {"errors", "config", "telemetry"}
NOUNS = {"ir", "types", "jobspec", "_core"}
FIRST_TWO = BASE | NOUNS
EDGE = {"app", "serving", "client", "reconstruction", "conformance", *FIRST_TWO, "lang"}
HOUSE = {*FIRST_TWO, "lang", "router", "drivers", "qfs", "compiler", "kernel", "client", "estimate", "executors"}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": {"_core"},
    "config": BASE,
    "telemetry": BASE,
    "ir": FIRST_TWO,
    "types": FIRST_TWO,
    "jobspec": FIRST_TWO,
    "lang": FIRST_TWO,
    "router": FIRST_TWO,
    "cutting": FIRST_TWO,
    "estimate": FIRST_TWO,
    "drivers": FIRST_TWO,
    "drivers.hosts": FIRST_TWO | {"drivers", "wire"},
    "eigen_driver": set(),  # it runs where nothing of ours is installed
    "qfs": FIRST_TWO,
    "executors": FIRST_TWO | {"drivers", "qfs.s3_address", "qfs.s3_bucket"},
    "compiler": FIRST_TWO | {"lang"},
    "kernel": FIRST_TWO | {"drivers.driver", "qfs.store"},
    "outbox": FIRST_TWO | {"qfs.store", "qfs.outbox_store"},
    "wire": FIRST_TWO,
    "client": FIRST_TWO | {"wire", "estimate"},
    "api": FIRST_TWO | {"wire", "kernel", "qfs.store"},
    "roles": FIRST_TWO | {"wire", "api", "drivers", "compiler", "kernel"},
    "app": HOUSE,
    "reconstruction": FIRST_TWO | {"client", "app"},
    "conformance": FIRST_TWO | {"compiler", "drivers", "estimate", "app"},
    "serving": HOUSE | {"app", "wire", "api", "roles", "outbox"},
    "cli": EDGE | {"api.identity", "api.permissions", "qfs.store"},
    "eigen_lang": EDGE,
    "": {"app", "cutting", "reconstruction", "ir", "_core"},  # eigen/__init__.py: the lazy door
    "__main__": {"cli"},
}

PURE = ("ir", "lang", "compiler", "router", "cutting", "estimate", "kernel/jobs.py", "kernel/events.py")
IMPURE_MODULES = {"os", "socket", "subprocess", "time", "datetime", "pathlib", "shutil", "tempfile", "random"}
# The files of the compiler that start child processes, which parse and compile, or run there; handed in as functions.
# LLVM reads bitcode in a child too: whoever can give a document to `load` can give bitcode.
OUTSIDE_EFFECTS = {
    "ir/formats/qir/bitcode.py",
    "ir/formats/qir/bitcode_process.py",
    "compiler/parser_process.py",
    "compiler/compiler_pool.py",
    "compiler/nursery.py",
    "compiler/nursery_process.py",
    "compiler/child.py",
}


def python_files(*parts: str) -> list[Path]:
    return sorted(path for path in (SOURCE.joinpath(*parts)).rglob("*.py"))


def package_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    if parts[0] != "eigen":
        return "eigen_driver" if parts[0] == "eigen_driver" else "eigen_lang"
    if parts[1:3] == ("drivers", "hosts"):
        return "drivers.hosts"
    return "" if parts[1] == "__init__" else parts[1]


def imports_of(path: Path) -> list[tuple[str, int]]:
    """Every imported module as an absolute dotted name, with its line."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            if module == "eigen":
                found += [(f"eigen.{alias.name}", node.lineno) for alias in node.names]
            elif re.fullmatch(r"eigen\.\w+", module):
                found += [(f"{module}.{alias.name}", node.lineno) for alias in node.names]
            else:
                found.append((module, node.lineno))
    return found


def test_imports_follow_the_table() -> None:
    wrong: list[str] = []
    for path in python_files():
        own = package_of(path)
        allowed = MAY_IMPORT.get(own)
        assert allowed is not None, f"{path.relative_to(ROOT)}: package `{own}` does not stand in the import table"
        for module, line in imports_of(path):
            if not module.startswith(("eigen.", "eigen_lang", "eigen_driver")):
                continue
            target = module.removeprefix("eigen.")
            for beside in ("eigen_lang", "eigen_driver"):
                if module.startswith(beside):
                    target = beside
            parts = target.split(".")
            candidates = {parts[0], ".".join(parts[:2])}
            if parts[0] == own or candidates & allowed:
                continue
            if target in {"__version__", "connect"}:
                continue
            wrong.append(f"{path.relative_to(ROOT)}:{line}: `{own}` imports `{module}`")
    assert not wrong, "\n".join(wrong)


def test_pure_packages_do_no_io_and_read_no_clock() -> None:
    wrong: list[str] = []
    for entry in PURE:
        target = SOURCE / "eigen" / entry
        for path in [target] if target.suffix else sorted(target.rglob("*.py")):
            if str(path.relative_to(SOURCE / "eigen")) in OUTSIDE_EFFECTS:
                continue
            for module, line in imports_of(path):
                if module.split(".")[0] in IMPURE_MODULES:
                    wrong.append(f"{path.relative_to(ROOT)}:{line}: imports `{module}`")
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "input"}:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: calls `{node.func.id}`")
    assert not wrong, "\n".join(wrong)


def test_the_language_never_executes_user_code() -> None:
    wrong: list[str] = []
    for path in [*python_files("eigen", "lang"), *python_files("eigen", "compiler")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Name) and node.id in {"exec", "eval", "compile", "__import__"}:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}: `{node.id}`")
        wrong += [f"{path.relative_to(ROOT)}:{line}: {m}" for m, line in imports_of(path) if m.startswith("importlib")]
    assert not wrong, "\n".join(wrong)


def test_only_its_own_crate_knows_pyo3() -> None:
    manifest = (ROOT / "rust/eigen-core/Cargo.toml").read_text()
    assert "pyo3" not in manifest
    for path in (ROOT / "rust/eigen-core").rglob("*.rs"):
        assert "pyo3" not in path.read_text(), path


def test_only_its_driver_knows_a_vendor() -> None:
    vendors = {
        "qiskit": ("ir/formats/qiskit/",),
        "cirq": ("ir/formats/cirq/",),
        "pennylane": ("ir/formats/pennylane.py",),
        "pytket": ("ir/formats/pytket.py",),
        "qiskit_aer": (),
        "perceval": (),
        "strawberryfields": (),
        "confluent_kafka": ("outbox/kafka_sink.py",),
    }
    wrong: list[str] = []
    for path in python_files("eigen"):
        for module, line in imports_of(path):
            homes = vendors.get(module.split(".")[0], ("",))
            if not any(home in path.as_posix() for home in homes):
                wrong.append(f"{path.relative_to(ROOT)}:{line}: {module}")
    assert not wrong, "\n".join(wrong)


def test_heavy_libraries_are_imported_where_they_are_needed() -> None:
    """NumPy, SciPy, SQLAlchemy, Alembic and pydantic never at the top of a module outside the packages that are
    themselves imported lazily: `qfs`, and the HTTP surfaces of `api`, which only a server loads."""
    heavy = {"numpy", "scipy", "sqlalchemy", "alembic", "pydantic", "jsonschema"}
    wrong: list[str] = []
    for path in python_files("eigen"):
        if "qfs" in path.parts or {"rest", "graphql"} & set(path.parts):
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            wrong += [f"{path.relative_to(ROOT)}: {name}" for name in names if name.split(".")[0] in heavy]
    assert not wrong, "\n".join(wrong)


def test_rooms_stay_small() -> None:
    lines = {
        path.relative_to(ROOT): len(path.read_text("utf-8").splitlines())
        for pattern in ("src/**/*.py", "rust/**/*.rs")
        for path in ROOT.glob(pattern)
        if path.stat().st_size
    }
    ordered = sorted(lines.values())
    p90 = ordered[int(0.9 * len(ordered))]
    largest = max(lines, key=lambda path: lines[path])
    assert p90 <= 450, f"the 90th percentile of file sizes is {p90} lines"
    assert median(ordered) <= 200, f"the median file has {median(ordered)} lines"
    assert lines[largest] <= 800, f"{largest} has {lines[largest]} lines: split it by noun"


@pytest.mark.parametrize("path", [*python_files("eigen"), *python_files("eigen_lang")], ids=lambda p: p.name)
def test_every_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not tree.body or ast.get_docstring(tree), f"{path.relative_to(ROOT)} has no docstring"


def test_the_repository_names_no_machine() -> None:
    """No path of a developer's machine, and no package registry host outside the lock files."""
    pattern = re.compile(r"/wor[k]/|/ho[m]e/[a-z]+/|/tm[p]/|py[p]i\.org|cra[t]es\.io/|registry\.np[m]js")
    wrong: list[str] = []
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for relative in listed.split("\0"):
        path = ROOT / relative
        if not path.is_file() or path.suffix == ".lock":
            continue
        text = path.read_text("utf-8", errors="ignore")
        wrong += [f"{relative}: {match.group()}" for match in pattern.finditer(text)]
    assert not wrong, "\n".join(wrong)


def test_no_two_test_files_share_a_name() -> None:
    """They are imported by their names alone."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
