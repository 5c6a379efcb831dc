"""A coherent state of light is teleported with a squeezed pair of modes and two homodyne detectors.

The outcomes of one side displace the other one in every shot. The more squeezing, the less noise arrives: each part of
alpha has the variance 1/2 + exp(-2 squeezing) / 2 when it is measured by heterodyne detection.
"""

from eigen_lang import (
    beamsplitter,
    displace,
    hybrid_program,
    measure_heterodyne,
    measure_homodyne,
    modes,
    run_modes,
    two_mode_squeeze,
)

HALF_PI = 1.5707963267948966
ROOT_HALF = 0.7071067811865476


@hybrid_program(target="modes:gaussian", shots=2000, seed=11)
def main(r: float = 1.0, phi: float = 0.5, squeezing: float = 1.2):
    m = modes(3)
    displace(r, m[0], phi=phi)
    two_mode_squeeze(squeezing, m[1], m[2])
    beamsplitter(HALF_PI / 2, m[0], m[1])
    x = measure_homodyne(m[0])
    p = measure_homodyne(m[1], HALF_PI)
    displace(ROOT_HALF * x, m[2])
    displace(ROOT_HALF * p, m[2], phi=HALF_PI)
    measure_heterodyne(m[2])
    arrived = run_modes(m).samples[:, 2:]
    return {"mean": arrived.mean(axis=0), "variance": arrived.var(axis=0)}
