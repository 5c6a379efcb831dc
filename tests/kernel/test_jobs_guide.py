"""The guide's table of states is the machine's."""

from __future__ import annotations

from pathlib import Path

from eigen.kernel.jobs import MAX_LOSSES, MOVES

GUIDE = Path(__file__).parents[2] / "docs/guides/jobs.md"


def test_the_guide_shows_every_move() -> None:
    rows = [line.split("|")[1:4] for line in GUIDE.read_text().splitlines() if line.startswith("| ")]
    told = {
        name.strip(): {state.strip() for state in moves.split(",") if state.strip()}
        for name, _, moves in (row for row in rows if len(row) == 3)
    }
    assert {state.value: {move.value for move in moves} for state, moves in MOVES.items()} == {
        name: moves for name, moves in told.items() if name in set(MOVES)
    }


def test_the_guide_says_how_many_losses_are_borne() -> None:
    assert MAX_LOSSES == 10
    assert "ten times in a row" in GUIDE.read_text()
