"""Runs scenario files with asyncio and prints the outcome of each, a JSON object a line, in the order of the arguments.

    python3 tests/cpython/run.py [--stock] FILE.kdl...

`--stock` runs CPython as it is, without the difference of clause T2.
"""

import argparse
import json
from pathlib import Path

import interpreter


def outcome_of_file(path, *, stock=False):
    program = interpreter.load(path.read_text(encoding="utf-8"))
    return {"file": path.name} | interpreter.run(program, stock=stock)


def main():
    parser = argparse.ArgumentParser(description="Run scenario files with asyncio.")
    parser.add_argument("--stock", action="store_true", help="CPython as it is")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.kdl")
    options = parser.parse_args()
    for path in options.files:
        print(json.dumps(outcome_of_file(path, stock=options.stock), ensure_ascii=False))


if __name__ == "__main__":
    main()
