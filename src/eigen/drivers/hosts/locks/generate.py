"""Writes the locks of the shipped backends: `python src/eigen/drivers/hosts/locks/generate.py [NAME...] [--upgrade]`.

A backend says what it wants in `NAME.in`; `NAME.txt` pins that and all that it needs, with hashes, for every platform.
The locks of one environment (environments.toml) are resolved together, so that they never disagree; what they pin
already stays unless it has to change or `--upgrade` is given. `--check` asks nobody: every manifest names a lock of its
environment, each was made from the `.in` that is there, and no two of one environment disagree.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from hashlib import sha256
from pathlib import Path

from eigen.drivers.hosts import manifest as manifests
from eigen.drivers.hosts.uv import find_uv

HERE = Path(__file__).parent
BASE = "base"
OLDEST_PYTHON = "3.11"
HEAD = "# Made by generate.py beside it from {name}.in and base.in, sha256 {digest}\n"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(;[^\\]*)?")


def environments() -> dict[str, list[str]]:
    """The names of the shipped locks, by environment."""
    return tomllib.loads((HERE / "environments.toml").read_text("utf-8"))


def pins(name: str) -> dict[str, set[tuple[str, str]]]:
    """The versions that a lock pins, by distribution, each with the marker of the platforms that it is for."""
    found: dict[str, set[tuple[str, str]]] = {}
    for line in (HERE / f"{name}.txt").read_text("utf-8").splitlines():
        match = PINNED.match(line)
        if match:
            found.setdefault(match[1], set()).add((match[2], (match[3] or "").strip()))
    return found


def complaints() -> list[str]:
    """What is wrong with the locks; nobody is asked."""
    together = environments()
    found: list[str] = [
        f"the manifest `{row.name}` wants `{row.lock}` in `{row.environment_name}`, where it is not"
        for row in manifests.shipped()
        if row.lock and row.lock not in together.get(row.environment_name, ())
    ]
    for environment, names in together.items():
        whole: dict[str, tuple[str, set[str]]] = {}
        for name in names:
            if not (HERE / f"{name}.txt").is_file() or not (HERE / f"{name}.in").is_file():
                found.append(f"`{name}` has no lock, or no `{name}.in`")
                continue
            if not (HERE / f"{name}.txt").read_text("utf-8").startswith(_head(name)):
                found.append(f"`{name}.txt` was not made from this `{name}.in`")
            for distribution, told in pins(name).items():
                versions = {version for version, _ in told}
                other, known = whole.setdefault(distribution, (name, versions))
                if known != versions:
                    found.append(f"`{name}` and `{other}` of `{environment}` disagree on `{distribution}`")
    return found


def generate(names: list[str], *, upgrade: bool) -> None:
    """Write the locks of the environments in which these are, or of all."""
    for environment, locks in environments().items():
        if not names or set(names) & set(locks):
            _resolve(environment, locks, upgrade)


def _resolve(environment: str, names: list[str], upgrade: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.txt"
        if not upgrade:
            known = [HERE / f"{name}.txt" for name in names]
            kept = [line for path in known if path.is_file() for line in _bare(path)]
            whole.write_text("\n".join(dict.fromkeys(kept)) + "\n", "utf-8")
        _compile([f"{name}.in" for name in names], whole, [])
        for name in names:
            made = Path(folder) / f"{name}.txt"
            _compile([f"{name}.in"], made, ["--generate-hashes", "-c", str(whole)])
            (HERE / f"{name}.txt").write_text(_head(name) + made.read_text("utf-8"), "utf-8")
            print(f"{environment}: {name}: {len(pins(name))} distributions")


def _compile(sources: list[str], target: Path, words: list[str]) -> None:
    command = [find_uv(), "pip", "compile", "--quiet", "--no-config", "--universal", "--no-header", "--no-annotate"]
    command += ["--python-version", OLDEST_PYTHON, *words, "-o", str(target)]
    subprocess.run([*command, f"{BASE}.in", *sources], cwd=HERE, check=True, stdout=subprocess.DEVNULL)


def _bare(path: Path) -> list[str]:
    """The pins of a lock without their hashes."""
    return [match[0] for line in path.read_text("utf-8").splitlines() if (match := PINNED.match(line))]


def _head(name: str) -> str:
    asked = (HERE / f"{BASE}.in").read_bytes() + (HERE / f"{name}.in").read_bytes()
    return HEAD.format(name=name, digest=sha256(asked).hexdigest())


def main() -> int:
    """Generate, or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--upgrade", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if not options.check:
        generate(options.names, upgrade=options.upgrade)
    wrong = complaints()
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
