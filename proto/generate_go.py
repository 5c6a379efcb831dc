"""Writes the messages and the service of the contract of drivers as Go, for the driver in `src/eigen/drivers/hosts/go`;
with --check it says which file is out of date.

It needs grpcio-tools, and Go for the two plugins of protoc, which it installs at fixed versions under `.build`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PROTOS = Path(__file__).parent
ROOT = PROTOS.parent
SOURCES = ROOT / "src" / "eigen" / "drivers" / "hosts" / "go"
MODULE = "eigenos/godriver"
CONTRACT = "eigen/driver/v1/driver.proto"
PLUGINS = {
    "protoc-gen-go": "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.11",
    "protoc-gen-go-grpc": "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.0",
}
PROTOC = re.compile(r"^// [-\s]*protoc +v.*\n", re.M)  # differs from one grpcio-tools to the next


def generate() -> dict[str, str]:
    """The text of every generated file, by its path in the module."""
    from grpc_tools import protoc

    tools = [f"--plugin={name}={_installed(name, source)}" for name, source in PLUGINS.items()]
    options = f"M{CONTRACT}={MODULE}/driverpb,module={MODULE}"
    with TemporaryDirectory() as folder:
        outputs = [f"--go_out={options}:{folder}", f"--go-grpc_out={options}:{folder}"]
        if protoc.main(["protoc", f"-I{PROTOS}", *tools, *outputs, CONTRACT]):
            raise SystemExit("error: the contract of drivers does not compile")
        found = sorted(Path(folder).rglob("*.go"))
        return {path.relative_to(folder).as_posix(): PROTOC.sub("", path.read_text("utf-8")) for path in found}


def _installed(name: str, source: str) -> Path:
    folder = ROOT / ".build" / "go-plugins" / source.rpartition("@")[2]
    if not (folder / name).exists():
        if shutil.which("go") is None:
            raise SystemExit("error: go is not on the PATH")
        subprocess.run(["go", "install", source], check=True, env=os.environ | {"GOBIN": str(folder)})
    return folder / name


def main() -> None:
    """Write what differs."""
    stale = {
        name: text
        for name, text in generate().items()
        if not (SOURCES / name).exists() or (SOURCES / name).read_text("utf-8") != text
    }
    if "--check" in sys.argv[1:] and stale:
        raise SystemExit(f"error: out of date: {', '.join(sorted(stale))}; hint: make protos")
    for name, text in stale.items():
        (SOURCES / name).parent.mkdir(parents=True, exist_ok=True)
        (SOURCES / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
