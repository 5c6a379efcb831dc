"""`python -m simulation SEED [MUTATION]`: tell the history of a seed step by step, and what is wrong with it."""

from __future__ import annotations

import sys
from contextlib import nullcontext

from simulation.feature_mutations import FEATURE_MUTATIONS
from simulation.history import History
from simulation.laws import check
from simulation.mutations import MUTATIONS


def main(seed: str, mutation: str = "") -> None:
    wrong = {each.__name__: each for each in (*MUTATIONS, *FEATURE_MUTATIONS)}
    with wrong[mutation]() if mutation else nullcontext():
        history = History(int(seed), told=print)
        for wish in history.wishes:
            print(wish)
        check(history.run())
    for _, row in history.rows():
        told = [f"{event.state.value}/{event.stage}" for event in history.outside.memory.events[row.job_id]]
        print(row.job_id, row.step, told)


if __name__ == "__main__":
    main(*sys.argv[1:])
