"""The graph of a function's blocks: where branches meet again, and which blocks can come back to themselves."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.ir.formats.qir.module import Function

EXIT = ""
"""Stands behind every return."""


class Flow:
    """What is known about one function. `spend` is told the steps that finding it out takes."""

    def __init__(self, function: Function, spend: Callable[[int], None]) -> None:
        self._spend = spend
        self._next = {name: block.successors() or [EXIT] for name, block in function.blocks.items()}

    @cached_property
    def joins(self) -> dict[str, str]:
        """The block that every way from a block passes next, or EXIT: immediate post-dominators, by the algorithm of
        Cooper, Harvey and Kennedy (2001) on the graph turned round."""
        order = self._backwards()
        place = {name: number for number, name in enumerate(order)}
        found: dict[str, str] = {EXIT: EXIT}
        changed = True
        while changed:
            changed = False
            self._spend(len(order))
            for name in order[1:]:
                new = ""
                is_new = True
                for follower in self._next[name]:
                    if follower in found:
                        new = follower if is_new else self._meet(found, place, follower, new)
                        is_new = False
                if not is_new and found.get(name) != new:
                    found[name] = new
                    changed = True
        return found

    def _backwards(self) -> list[str]:
        """The blocks that a return can be reached from, each before those that lead to it, where that can be."""
        before: dict[str, list[str]] = {EXIT: []}
        for name, followers in self._next.items():
            before.setdefault(name, [])
            for follower in followers:
                before.setdefault(follower, []).append(name)
        return _postorder(EXIT, before)[::-1]

    def _meet(self, found: dict[str, str], place: dict[str, int], first: str, second: str) -> str:
        """The next block that the ways from two blocks share."""
        while first != second:
            self._spend(1)
            if place[first] > place[second]:
                first = found[first]
            else:
                second = found[second]
        return first

    @cached_property
    def cycles(self) -> dict[str, int]:
        """The number of the strongly connected part that a block is in, for those that can come back (Tarjan 1972)."""
        index: dict[str, int] = {}
        low: dict[str, int] = {}
        stack: list[str] = []
        inside: set[str] = set()
        found: dict[str, int] = {}
        for root in self._next:
            work = [] if root in index else [(root, 0)]
            while work:
                name, at = work.pop()
                if at == 0:
                    index[name] = low[name] = len(index)
                    stack.append(name)
                    inside.add(name)
                followers = [follower for follower in self._next[name] if follower in self._next]
                for number in range(at, len(followers)):
                    follower = followers[number]
                    if follower not in index:
                        work += [(name, number + 1), (follower, 0)]
                        break
                    if follower in inside:
                        low[name] = min(low[name], index[follower])
                else:
                    self._close(name, index, low, stack, inside, found)
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[name])
        return found

    def _close(
        self,
        name: str,
        index: dict[str, int],
        low: dict[str, int],
        stack: list[str],
        inside: set[str],
        found: dict[str, int],
    ) -> None:
        """Takes a finished part from the stack."""
        if low[name] != index[name]:
            return
        part: list[str] = []
        while not part or part[-1] != name:
            part.append(stack.pop())
        inside.difference_update(part)
        if len(part) > 1 or name in self._next[name]:
            found.update(dict.fromkeys(part, index[name]))

    def comes_back(self, start: str, goal: str, without: str) -> bool:
        """Whether a way leads from a block to another that does not pass a third."""
        seen, work = {start}, [start]
        while work:
            name = work.pop()
            if name in {without, EXIT}:
                continue
            if name == goal:
                return True
            self._spend(1)
            fresh = [follower for follower in self._next[name] if follower not in seen]
            seen.update(fresh)
            work += fresh
        return False


def _postorder(root: str, after: dict[str, list[str]]) -> list[str]:
    found: list[str] = []
    seen = {root}
    work = [(root, iter(after[root]))]
    while work:
        name, followers = work[-1]
        follower = next((follower for follower in followers if follower not in seen), None)
        if follower is None:
            work.pop()
            found.append(name)
        else:
            seen.add(follower)
            work.append((follower, iter(after[follower])))
    return found
