"""Writes the messages of `proto/` as Python into `src/eigen/wire/gen`, and the descriptors of the contract of drivers
for `src/eigen_driver`; with --check it says which file is out of date.

It needs grpcio-tools; what it writes is committed and needs protobuf alone.
"""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

PROTOS = Path(__file__).parent
GENERATED = PROTOS.parent / "src" / "eigen" / "wire" / "gen"
CONTRACT = "eigen/driver/v1/driver.proto"
DESCRIPTORS = PROTOS.parent / "src" / "eigen_driver" / "driver.pb"
IMPORT = re.compile(r"^from eigen\.(\w+\.v\d+) import", re.M)


def generate() -> dict[str, str]:
    """The text of every generated file, by its path under `wire/gen`."""
    from grpc_tools import protoc

    well_known = str(files("grpc_tools") / "_proto")
    names = sorted(path.relative_to(PROTOS).as_posix() for path in PROTOS.rglob("*.proto"))
    with TemporaryDirectory() as folder:
        out = Path(folder)
        if protoc.main(["protoc", f"-I{PROTOS}", f"-I{well_known}", f"--python_out={out}", f"--pyi_out={out}", *names]):
            raise SystemExit("error: the protos do not compile")
        root = out / "eigen"
        written = {
            path.relative_to(root).as_posix(): IMPORT.sub(r"from eigen.wire.gen.\1 import", path.read_text("utf-8"))
            for path in sorted(root.rglob("*.py*"))
        }
    folders = {parent for name in written for parent in Path(name).parents}
    note = '"""Generated from `proto/` by `proto/generate.py`; never edited."""\n'
    return {(folder / "__init__.py").as_posix(): note for folder in sorted(folders)} | written


def describe() -> bytes:
    """The contract of drivers as a FileDescriptorSet."""
    from grpc_tools import protoc

    with TemporaryDirectory() as folder:
        out = Path(folder) / "driver.pb"
        if protoc.main(["protoc", f"-I{PROTOS}", f"--descriptor_set_out={out}", CONTRACT]):
            raise SystemExit("error: the contract of drivers does not compile")
        return out.read_bytes()


def main() -> None:
    """Write what differs, and remove what no proto stands for any more."""
    check = "--check" in sys.argv[1:]
    wanted, descriptors = generate(), describe()
    present = [path for path in GENERATED.rglob("*.py*") if path.suffix in {".py", ".pyi"}]
    found = {path.relative_to(GENERATED).as_posix(): path.read_text("utf-8") for path in present}
    stale = [name for name, text in wanted.items() if found.get(name) != text]
    told = DESCRIPTORS.exists() and DESCRIPTORS.read_bytes() == descriptors
    extra = sorted(found.keys() - wanted.keys())
    if check and (stale or extra or not told):
        names = [*stale, *extra, *([] if told else [DESCRIPTORS.name])]
        raise SystemExit(f"error: out of date: {', '.join(names)}; hint: make protos")
    DESCRIPTORS.write_bytes(descriptors)
    for name in stale:
        path = GENERATED / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[name], "utf-8")
    for name in extra:
        (GENERATED / name).unlink()


if __name__ == "__main__":
    main()
