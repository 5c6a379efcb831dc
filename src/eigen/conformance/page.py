"""The page of the reference: devices times kinds of checks, with versions, and what each check holds."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from eigen.conformance.check import Outcome
from eigen.conformance.statistics import FALSE_ALARM, MOST_COMPARISONS
from eigen.conformance.table import CHECKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.conformance.check import Verdict
    from eigen.conformance.running import Examined

BEFORE = """# Conformance

What every backend was asked, and what it answered: `eigen backends test --all --markdown` writes this page, from the
results of several runs where they are named by `--with`. *ok* counts checks that hold, *refused* those about something
that the device does not have, does not declare, and refuses when it is asked for, *n/a* those that it cannot be asked,
because of its gates, its width or its kind. The
[guide](../guides/conformance.md) says how to ask a backend of your own.
"""


def page(found: Sequence[Examined]) -> str:
    """The page in Markdown."""
    nouns = list(dict.fromkeys(check.noun for check in CHECKS))
    lines = [BEFORE, f"Python {platform.python_version()}, {platform.system()} {platform.machine()}.", ""]
    lines += ["## Devices", "", f"| device | version | {' | '.join(nouns)} |", f"|---|---|{'---|' * len(nouns)}"]
    for one in found:
        if one.verdicts:
            cells = [_cell(one, noun) for noun in nouns]
            lines.append(f"| `{one.device_id}` | {_version(one)} | {' | '.join(cells)} |")
    absent = [one for one in found if one.unavailable]
    if absent:
        lines += ["", "Not asked:", ""]
        lines += [f"- `{one.device_id}`: unavailable: {_escaped(one.unavailable)}" for one in absent]
    failed = [(one, verdict) for one in found for verdict in one.failed]
    if failed:
        lines += ["", "What failed:", ""]
        lines += [f"- `{one.device_id}`, `{verdict.check}`: {_escaped(verdict.why)}" for one, verdict in failed]
    lines += ["", "## Checks", "", "| check | kind | what holds | source |", "|---|---|---|---|"]
    lines += [f"| `{check.name}` | {check.noun} | {check.holds} | {check.source} |" for check in CHECKS]
    lines += ["", _rate(found), ""]
    return "\n".join(lines)


def _cell(one: Examined, noun: str) -> str:
    names = {check.name for check in CHECKS if check.noun == noun}
    told = [verdict for verdict in one.verdicts if verdict.check in names]
    words = {Outcome.OK: "ok", Outcome.FAILED: "**failed**", Outcome.REFUSED: "refused", Outcome.NOT_APPLICABLE: "n/a"}
    parts = [f"{_count(told, outcome)} {word}" for outcome, word in words.items() if _count(told, outcome)]
    return ", ".join(parts)


def _count(told: Sequence[Verdict], outcome: Outcome) -> int:
    return sum(verdict.outcome is outcome for verdict in told)


def _version(one: Examined) -> str:
    """Of the engine, as its results tell it."""
    for verdict in one.verdicts:
        if verdict.check == "metadata" and verdict.outcome is Outcome.OK:
            return _escaped(verdict.why.replace("engine ", "", 1).rsplit(", precision", 1)[0].replace(", version", ""))
    return _escaped(f"{one.driver} {one.version}")


def _rate(found: Sequence[Examined]) -> str:
    most = max((sum(verdict.comparisons for verdict in one.verdicts) for one in found), default=0)
    return (
        f"A comparison of counts with a distribution blames a device that is right with a probability of at most "
        f"{FALSE_ALARM:.0e}, by bounds that hold for any number of shots. A device is compared {most} times here, and "
        f"{MOST_COMPARISONS} times at most: one that is right fails less than one time in a million."
    )


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
