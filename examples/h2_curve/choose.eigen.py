"""The point of lowest energy of a curve. Nothing quantum runs here."""

from eigen_lang import hybrid_program


@hybrid_program
def main(energies, points):
    lowest = 0
    for k in range(1, len(energies)):
        if energies[k] < energies[lowest]:
            lowest = k
    return points[lowest]
