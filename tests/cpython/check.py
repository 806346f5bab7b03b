"""Runs programs with asyncio again and reports each whose outcome is not the recorded one.

    python3 tests/cpython/check.py DIR...                  a folder of *.kdl with its expected.jsonl
    python3 tests/cpython/check.py FILE.jsonl.gz...        a file that generate.py wrote

Exit status: 0 all equal, 1 something differs.
"""

import argparse
import gzip
import json
import sys
from pathlib import Path

import interpreter


def recorded_in_folder(folder):
    """(label, text of the program, recorded outcome) for each program of a folder."""
    expected = {}
    for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        outcome = json.loads(line)
        expected[outcome.pop("file")] = outcome
    files = {path.name for path in folder.glob("*.kdl")}
    for name in sorted(files | expected.keys()):
        text = (folder / name).read_text(encoding="utf-8") if name in files else None
        yield name, text, expected.get(name)


def recorded_in_file(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            outcome = json.loads(line)
            yield f"line {number}", outcome.pop("kdl"), outcome


def differences(text, recorded):
    """One line for each key in which the outcome differs."""
    if text is None:
        return ["there is no such file"]
    if recorded is None:
        return ["no outcome is recorded"]
    try:
        found = interpreter.run(interpreter.load(text))
    except (ValueError, interpreter.Unexpected) as error:
        return [f"{type(error).__name__}: {error}"]
    keys = [key for key in {**recorded, **found} if recorded.get(key) != found.get(key)]
    return [f"{key}:\n    recorded {recorded.get(key)}\n    found    {found.get(key)}" for key in keys]


def main():
    parser = argparse.ArgumentParser(description="Compare recorded outcomes with asyncio.")
    parser.add_argument("places", nargs="+", type=Path, metavar="DIR|FILE.jsonl.gz")
    count = wrong = 0
    for place in parser.parse_args().places:
        for label, text, recorded in recorded_in_folder(place) if place.is_dir() else recorded_in_file(place):
            found = differences(text, recorded)
            count += 1
            wrong += bool(found)
            for line in found:
                print(f"{place} {label}: {line}")
    print(f"{count} programs, {wrong} differ")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
