"""Numbers in QIR mean the same whether they are known while a program is read or computed while it runs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eigen._core import Plan
from eigen.ir import load
from strategies import examples

WIDTHS = [1, 3, 8, 32, 64]
PLAIN = ["add", "sub", "mul", "and", "or", "xor"]
DIVISIONS = ["udiv", "sdiv", "urem", "srem"]
SHIFTS = ["shl", "lshr", "ashr"]
RELATIONS = ["eq", "ne", "ugt", "uge", "ult", "ule", "sgt", "sge", "slt", "sle"]


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """Instructions on `%a` and `%b`, of 8 bits; divisors are odd, and distances of shifts smaller than widths."""
    made: list[str] = []
    known: dict[int, list[str]] = {width: [] for width in WIDTHS} | {8: ["%a", "%b"]}

    def add(text: str, width: int) -> None:
        name = f"%v{len(made)}"
        made.append(f"{name} = {text}")
        known[width].append(name)

    def value(width: int) -> str:
        return draw(st.sampled_from([*known[width], str(draw(st.integers(0, (1 << min(width, 9)) - 1)))]))

    for _ in range(draw(st.integers(1, 9))):
        width = draw(st.sampled_from([width for width in WIDTHS if known[width]]))
        kind = f"i{width}"
        match draw(st.sampled_from(["plain", "division", "shift", "compare", "cast", "select"])):
            case "plain":
                add(f"{draw(st.sampled_from(PLAIN))} {kind} {value(width)}, {value(width)}", width)
            case "division" if width > 1:
                add(f"or {kind} {value(width)}, 1", width)
                add(f"{draw(st.sampled_from(DIVISIONS))} {kind} {value(width)}, {known[width][-1]}", width)
            case "shift" if width > 1:
                distance = draw(st.integers(0, width - 1))
                add(f"{draw(st.sampled_from(SHIFTS))} {kind} {value(width)}, {distance}", width)
            case "compare":
                add(f"icmp {draw(st.sampled_from(RELATIONS))} {kind} {value(width)}, {value(width)}", 1)
            case "cast":
                other = draw(st.sampled_from([other for other in WIDTHS if other != width]))
                name = draw(st.sampled_from(["zext", "sext"])) if other > width else "trunc"
                add(f"{name} {kind} {value(width)} to i{other}", other)
            case "select" if known[1]:
                add(f"select i1 {value(1)}, {kind} {value(width)}, {kind} {value(width)}", width)
            case _:
                add(f"xor {kind} {value(width)}, {value(width)}", width)
    for width, names in known.items():
        made += [f"call void @__quantum__rt__int_record_output(i{width} {name}, ptr null)" for name in names]
    return made


def program(head: list[str], body: list[str]) -> str:
    inner = "\n  ".join([*head, *body, "ret i64 0"])
    counts = '"required_num_qubits"="4" "required_num_results"="4"'
    return f'define i64 @main() #0 {{\n  {inner}\n}}\nattributes #0 = {{ "entry_point" {counts} }}\n'


def pointer(index: int) -> str:
    return f"ptr inttoptr (i64 {index} to ptr)"


def measured(bits: int) -> list[str]:
    """`%a` from outcomes 0 and 1, put together, `%b` from 2 and 3 through arithmetic; the outcomes are certain."""
    head: list[str] = []
    for place in range(4):
        if bits >> place & 1:
            head.append(f"call void @__quantum__qis__x__body({pointer(place)})")
        head.append(f"call void @__quantum__qis__mz__body({pointer(place)}, {pointer(place)})")
        head.append(f"%r{place} = call i1 @__quantum__rt__read_result({pointer(place)})")
        head.append(f"%z{place} = zext i1 %r{place} to i8")
    head += ["%s = shl i8 %z1, 1", "%a = or i8 %s, %z0", "%t = mul i8 %z3, 101", "%b = sub i8 %t, %z2"]
    return head


@examples(30, soak=1_000)
@given(lines(), st.integers(0, 15))
def test_computing_at_run_time_gives_what_is_computed_at_once(body: list[str], bits: int) -> None:
    known = [f"%a = add i8 {bits & 3}, 0", f"%b = add i8 {(bits >> 3) * 101 - (bits >> 2 & 1)}, 0"]
    found = [Plan(load(program(head, body))).sample(shots=1, seed=0).to_dict() for head in (measured(bits), known)]
    assert found[0] == found[1]
