"""Counts what programs do when they run, to show that a corpus reaches every corner of the language."""

from collections import Counter

import interpreter

STATES = ("created", "active", "expiring", "expired", "finished")


class Coverage(interpreter.Tally):
    """Of one run or, by `add`, of many."""

    def __init__(self):
        self.steps = Counter()
        self.operations = Counter()
        self.exits = Counter()
        self.verdicts = Counter()
        self.ends = Counter()
        self.programs = Counter()
        self.before_start = Counter()

    def step(self, name):
        self.steps[name] += 1

    def scope_operation(self, operation, state, inside):
        self.operations[operation, "owner" if inside else "other", state] += 1

    def scope_moved(self, when):
        self.before_start["deadlines"] += when is not None and when < 0

    def scope_exit(self, state, body_end, end):
        self.exits[state, body_end.split(":")[0], end.split(":")[0]] += 1

    def outcome(self, family, outcome):
        self.programs[family] += 1
        self.verdicts[outcome["verdict"]] += 1
        self.ends.update(task["end"].split(":")[0] for task in outcome["tasks"])

    def add(self, other):
        for name, counter in vars(other).items():
            getattr(self, name).update(counter)

    def lines(self):
        yield "programs: " + listed(self.programs)
        yield "verdicts: " + listed(self.verdicts)
        yield "task ends: " + listed(self.ends)
        yield "steps run: " + listed(self.steps)
        yield "scope exits (state: body end -> end):"
        for (state, body_end, end), count in sorted(self.exits.items()):
            yield f"  {state:9} {body_end:10} -> {end:10} {count:7}"
        yield "scope operations, by state:" + "".join(f"{state:>10}" for state in STATES)
        for who, operation in sorted({(who, operation) for operation, who, _ in self.operations}):
            counts = "".join(f"{self.operations[operation, who, state]:10}" for state in STATES)
            yield f"  {operation:17} {who:7}{counts}"


def listed(counter):
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items(), key=lambda item: -item[1]))
