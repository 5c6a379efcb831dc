"""Documents through the parsers of this environment: the least time of some rounds, or why there is none.

Reads {"format", "files", "rounds", "least_seconds", "most_seconds"} from standard input, writes {parser: {"version",
"seconds": [per file, null where refused], "refused": [why]}}. A circuit must have been made: a parser that only makes
a tree is no rival of one that does more.
"""

import gc
import json
import sys
import time
from functools import partial
from importlib import import_module, metadata

question = json.load(sys.stdin)
WAYS = {
    "qasm2": {
        "prism-q": ("prism_q", lambda module: module.parse_qasm),
        "qiskit": (
            "qiskit.qasm2",
            lambda module: partial(module.loads, custom_instructions=module.LEGACY_CUSTOM_INSTRUCTIONS),
        ),
        "mqt-core": ("mqt.core", lambda module: module.load),
    },
    "qasm3": {
        "prism-q": ("prism_q", lambda module: module.parse_qasm),
        "qiskit": ("qiskit.qasm3", lambda module: module.loads),
        "mqt-core": ("mqt.core", lambda module: module.load),
    },
    "quil": {"pyquil": ("pyquil", lambda module: module.Program)},
    "stim": {"stim": ("stim", lambda module: module.Circuit)},
}
answers = {}
for name, (module_name, parser_of) in WAYS[question["format"]].items():
    try:
        parse = parser_of(import_module(module_name))
    except ImportError:
        continue
    seconds, refused = [], []
    for path in question["files"]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        least, rounds, began = None, 0, time.perf_counter()
        gc.collect()
        while rounds < question["rounds"] or time.perf_counter() - began < question["least_seconds"]:
            if time.perf_counter() - began > question["most_seconds"]:
                break
            rounds += 1
            started = time.perf_counter()
            try:
                made = parse(text)
            except Exception as error:
                refused.append(f"{path}: {type(error).__name__}: {str(error)[:120]}")
                least = None
                break
            elapsed = time.perf_counter() - started
            least = elapsed if least is None else min(least, elapsed)
            del made
        seconds.append(least)
    answers[name] = {"version": metadata.version(name), "seconds": seconds, "refused": refused}
json.dump(answers, sys.stdout)
