"""Writes a corpus: random and directed programs, each with the outcome that asyncio gives.

    python3 tests/cpython/generate.py --seed 1 --count 8000 --out tests/data/cpython.jsonl.gz

One line a program, {"kdl": TEXT, "scenario": …, "verdict": …, …}. The same seed and count give the same bytes.
Identical programs are written once. Dropped and counted are programs in which CPython itself fails, and those that move
a deadline to before the start of the run, since not every clock can say such an instant.
"""

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path

import interpreter
import kdl
from families import FAMILIES
from programs import Draw, random_program, step
from tally import Coverage

RANDOM_PERCENT = 45


def drawn_program(draw):
    """(family, nodes of a program)"""
    if draw.chance(RANDOM_PERCENT):
        return "random", random_program(draw)
    name = draw.weighted({name: weight for name, (_, weight) in FAMILIES.items()})
    return name, FAMILIES[name][0](draw)


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
            line = self.line(*drawn_program(draw))
            if line:
                return line

    def line(self, family, nodes):
        """The line of a program, or none if it is dropped."""
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
    parser.add_argument("--count", type=int, default=8000)
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
