"""Two photons meet at a beamsplitter after some of the light is lost, and are counted.

One is never seen at each side: they leave together (Hong, Ou and Mandel, PRL 59, 2044 (1987)). The larger `delay`, the
more of the second one arrives at another time, as modes 2 and 3: at 1 the two do not meet, and go their ways by chance.
"""

from eigen_lang import beamsplitter, hybrid_program, loss, measure_photons, modes, prepare_fock, run_modes

QUARTER_PI = 0.7853981633974483


@hybrid_program(target="perceval:slos", shots=2000, seed=7)
def main(kept: float = 0.9, delay: float = 0.0):
    m = modes(4)
    prepare_fock(1, m[0])
    prepare_fock(1, m[1])
    beamsplitter(delay * 2 * QUARTER_PI, m[1], m[3])
    loss(kept, m)
    beamsplitter(QUARTER_PI, m[0], m[1])
    beamsplitter(QUARTER_PI, m[2], m[3])
    measure_photons(m)
    return run_modes(m).counts
