"""What `make demo` runs: a Bell circuit and an H2 VQE through the command line, and what they left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent
EIGEN = Path(sys.executable).with_name("eigen")
EXACT_H2 = -1.137306  # Ha, full configuration interaction at 0.735 angstrom, STO-3G


def submit(*arguments: str) -> dict:
    """Run `eigen submit … --wait --json` and return the JSON object it prints."""
    command = [str(EIGEN), "submit", *arguments, "--wait", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return json.loads(done.stdout)


def main() -> None:
    """Run both jobs and print the numbers a reader can check."""
    bell = submit("--job", str(EXAMPLES / "bell" / "job.yaml"))
    print("Bell circuit, 1024 shots on the embedded simulator")
    print(f"  counts       {bell['counts']}")
    print(f"  job          {bell['job_id']}\n")

    h2 = submit(str(EXAMPLES / "h2_vqe" / "program.eigen.py"))
    energy = h2["outputs"]["energy"]
    print("H2 ground state by VQE (UCCSD, 4 qubits, 0.735 angstrom, STO-3G)")
    print(f"  energy       {energy:.6f} Ha")
    print(f"  exact        {EXACT_H2:.6f} Ha   (difference {abs(energy - EXACT_H2):.1e})")
    print(f"  iterations   {h2['outputs']['iterations']}")
    print(f"  job          {h2['job_id']}\n")

    print("Look at them with:")
    print(f"  .venv/bin/eigen results {h2['job_id']}")
    print(f"  .venv/bin/eigen explain {bell['job_id']}")
    print("  .venv/bin/eigen list")


if __name__ == "__main__":
    main()
