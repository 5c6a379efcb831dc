"""The documents cannot drift: references are generated, programs in them run, links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
HAND_WRITTEN = [page for page in PAGES if "reference" not in page.parts]
EIGEN = Path(sys.executable).with_name("eigen")


def programs(page: Path) -> list[str]:
    """The programs in Eigen-Lang; scripts that use the SDK are run by the tests of their guides."""
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [block for block in blocks if "@hybrid_program" in block and "import eigen\n" not in block]


CASES = [
    pytest.param(source, id=f"{page.relative_to(ROOT)}-{number}")
    for page in HAND_WRITTEN
    for number, source in enumerate(programs(page))
]


def test_generated_references_are_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("source", CASES)
def test_programs_in_the_documents_run(source: str, tmp_path: Path) -> None:
    program = tmp_path / "program.eigen.py"
    program.write_text(source, "utf-8")
    done = subprocess.run(
        [str(EIGEN), "run", str(program), "--json"], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    broken = [t for t in targets if not t.startswith("http") and not (page.parent / t).exists()]
    assert not broken, f"{page.relative_to(ROOT)}: {broken}"
