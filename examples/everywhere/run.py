"""One program on every engine that is installed: `python examples/everywhere/run.py [DEVICE ...]`.

Devices with the noise of a calibration are asked when they are named.

The exact answer is known: 0100 and 1111, each with probability 1/2, and an energy of 1.75. From 2,000 shots a device
without noise is off by at most 6.5 standard deviations, but for one run in 10^10. What a device with noise makes of
it is shown beside, without a verdict.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import eigen
from eigen.errors import EigenError

PROGRAM = Path(__file__).parent / "program.eigen.py"
SHOTS, SIGMAS = 2000, 6.5
ENERGY, DEVIATION = 1.75, 0.3  # of one shot: of 0.3 Z0 alone, for the other terms have the state as their eigenstate
OUTCOMES = {"0100", "1111"}


def main(wanted: list[str]) -> int:
    """Run the program wherever it fits, print a line for each device, and return how many disagree."""
    wrong = 0
    print(f"{'device':34} {'0100':>6} {'1111':>6} {'others':>6} {'energy':>9}")
    with eigen.connect() as client:
        exact = [device for device in client.devices() if not is_noisy(device)]
        for device in [client.device(name) for name in wanted] or exact:
            try:
                outputs = client.run(str(PROGRAM), target=device.id).outputs
            except EigenError as error:
                if wanted or not cannot(error):
                    wrong += 1
                print(f"{device.id:34} {error.code}: {error.message}")
                continue
            counts, energy = outputs["counts"], outputs["energy"]
            others = sum(count for bits, count in counts.items() if bits not in OUTCOMES)
            verdict = "noisy" if is_noisy(device) else "agrees"
            if verdict == "agrees" and not agrees(counts, others, energy):
                verdict, wrong = "DISAGREES", wrong + 1
            row = f"{counts.get('0100', 0):6} {counts.get('1111', 0):6} {others:6} {energy:9.4f}"
            print(f"{device.id:34} {row}   {verdict}")
    return wrong


def agrees(counts: dict[str, int], others: int, energy: float) -> bool:
    """Whether counts and energy lie where an exact device would have them."""
    far = abs(counts.get("0100", 0) - SHOTS / 2) > SIGMAS * math.sqrt(SHOTS / 4)
    return not (others or far or abs(energy - ENERGY) > SIGMAS * DEVIATION / math.sqrt(SHOTS))


def is_noisy(device: eigen.Device) -> bool:
    """Whether a device samples with the noise of a calibration."""
    return device.backend_type == "hardware" or bool(device.properties.get("calibration"))


def cannot(error: EigenError) -> bool:
    """Whether a device is not made for such a program (it has modes, or no superpositions), or is not there."""
    return error.code in {"EIGEN_COMPILER_UNSUPPORTED", "EIGEN_ROUTER_NO_DEVICE", "EIGEN_NOT_AVAILABLE"}


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
