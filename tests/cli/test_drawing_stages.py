"""The picture of a program's stages: every stage once, with what it needs."""

from __future__ import annotations

from eigen import _core
from eigen.cli.stages import draw_stages
from eigen.ir.program import Node, Program, Region


def circuit() -> _core.Circuit:
    builder = _core.CircuitBuilder(1, 1)
    builder.gate("H", [0])
    builder.measure([0], [0])
    return builder.build()


def test_stages_name_what_they_need_through_compute_nodes() -> None:
    body = Region(
        (),
        (
            Node("run", (), {"circuit": 0, "shots": 10}, "record:run", line=3),
            Node("getattr", (0,), {"name": "counts"}, "counts"),
            Node("len", (1,), {}, "int"),
            Node("run", (), {"circuit": 0, "shots": None}, "record:run"),
            Node("tuple", (2, 3), {}, "tuple"),
        ),
        (4,),
    )
    drawn = draw_stages(Program((circuit(),), (), body)).splitlines()
    assert drawn[0] == "main"
    assert drawn[1] == "[1] run: circuit 0, 1 qubit, 2 operations, 10 shots  (line 3)"
    assert drawn[2] == "[2] run: circuit 0, 1 qubit, 2 operations, the job's shots"
    assert drawn[3] == "return ← [1], [2]"


def test_regions_are_drawn_inside_their_stage() -> None:
    again = Region(
        ("int",), (Node("run", (), {"circuit": 0}, "record:run"), Node("const", (), {"value": False}, "bool")), (2, 0)
    )
    body = Region(
        (),
        (Node("const", (), {"value": 0}, "int"), Node("loop", (0,), {"carried": 1, "bound": 9}, "tuple", (again,))),
        (1,),
    )
    drawn = draw_stages(Program((circuit(),), (), body))
    assert "[1] loop: at most 9 times" in drawn
    assert " ├ body\n │  [2] run: circuit 0" in drawn
    assert drawn.endswith("return ← [1]")


def test_a_program_without_stages_says_so() -> None:
    body = Region((), (Node("const", (), {"value": 1}, "int"),), (0,))
    assert draw_stages(Program((), (), body)) == "main: computes only, no quantum stage"


def test_a_huge_program_is_cut_off() -> None:
    nodes = tuple(Node("run", (), {"circuit": 0}, "record:run") for _ in range(700))
    drawn = draw_stages(Program((circuit(),), (), Region((), nodes, (699,)))).splitlines()
    assert "… 200 more stages" in drawn
    assert len(drawn) == 503
