"""Writes a corpus: random and directed programs, each with the outcome that asyncio gives.

    python3 tests/cpython/generate.py --seed 1 --count 10000 --out tests/data/cpython.jsonl.gz

One line a program, {"kdl": TEXT, "scenario": …, "verdict": …, …}. The same seed and count give the same bytes.
Identical programs are written once. A `check` states what was so when it ran. Dropped and counted are programs in which CPython itself fails, and those that move
a deadline to before the start of the run, since not every clock can say such an instant.
"""

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path

import interpreter
import kdl
from crowds import CROWDS
from families import FAMILIES
from programs import CROWD, Draw, random_program, step
from tally import Coverage

KINDS = {"random": 20, "crowd": 35, "family": 25, "family of crowds": 20}


def drawn_program(draw):
    """(family, nodes of a program)"""
    kind = draw.weighted(KINDS)
    if kind == "random":
        return kind, random_program(draw)
    if kind == "crowd":
        return kind, random_program(draw, CROWD)
    families = FAMILIES if kind == "family" else CROWDS
    name = draw.weighted({name: weight for name, (_, weight) in families.items()})
    return name, families[name][0](draw)


class Checked(interpreter.Tally):
    """Hears what the checks of a run found."""

    def __init__(self):
        self.found = {}

    def scope_checked(self, node, found):
        self.found[id(node)] = found


def with_checks(nodes, draw):
    """`nodes`, in which each check that runs states some of what is so then. The others are left out."""
    checked = Checked()
    interpreter.run(interpreter.program_of(nodes), tally=checked)
    return filled(nodes, checked.found, draw)


def filled(nodes, found, draw):
    kept = []
    for node in nodes:
        if node.name == "check" and id(node) not in found:
            continue
        if node.name == "check":
            node.props = stated(found[id(node)], draw)
        if node.children is not None:
            node.children = filled(node.children, found, draw)
        kept.append(node)
    return kept


def stated(found, draw):
    """The properties of a check: at least one of what holds."""
    props = {key: found[key] for key in ("expired", "state")}
    if "when_ns" in found:
        props["when"] = None if found["when_ns"] is None else f"{found['when_ns']}ns"
    first = draw.choice(list(props))
    return {key: value for key, value in props.items() if key == first or draw.chance(50)}


class Corpus:
    def __init__(self, seed):
        self.seed = seed
        self.drawn = 0
        self.seen = set()
        self.coverage = Coverage()
        self.dropped = Counter()
        self.difference = 0

    def next_line(self):
        while True:
            draw = Draw(self.seed << 32 | self.drawn)
            self.drawn += 1
            line = self.line(draw, *drawn_program(draw))
            if line:
                return line

    def line(self, draw, family, nodes):
        """The line of a program, or none if it is dropped."""
        try:
            nodes = with_checks(nodes, draw)
        except interpreter.Unexpected as error:
            self.dropped[f"CPython raises {type(error.__cause__).__name__}"] += 1
            return None
        body = kdl.dumps(nodes)
        if body in self.seen:
            self.dropped["seen before"] += 1
            return None
        self.seen.add(body)
        text = kdl.dumps([step("scenario", f"{family} {self.drawn}")]) + "\n" + body
        program = interpreter.load(text)
        coverage = Coverage()
        try:
            outcome = interpreter.run(program, tally=coverage)
        except interpreter.Unexpected as error:
            self.dropped[f"CPython raises {type(error.__cause__).__name__}"] += 1
            return None
        if coverage.before_start["deadlines"]:
            self.dropped["deadline before the start"] += 1
            return None
        self.difference += outcome != interpreter.run(program, stock=True)
        coverage.outcome(family, outcome)
        self.coverage.add(coverage)
        return json.dumps({"kdl": text} | outcome, separators=(",", ":"), ensure_ascii=False)


def main():
    parser = argparse.ArgumentParser(description="Write programs with the outcome that asyncio gives.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    corpus = Corpus(options.seed)
    text = "".join(corpus.next_line() + "\n" for _ in range(options.count))
    with open(options.out, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())
    print(f"{options.out}: {options.count} programs, {options.out.stat().st_size} bytes")
    print(f"dropped: {dict(corpus.dropped)}")
    print(f"with another outcome in CPython as it is: {corpus.difference}")
    print("\n".join(corpus.coverage.lines()))


if __name__ == "__main__":
    main()
