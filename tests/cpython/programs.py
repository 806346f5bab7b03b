"""Random programs over the whole scenario language.

`random_program(draw, manner)` gives the nodes of one program. Ties are wanted, so instants come from a coarse grid with
one focus instant and its two neighbours. Every program keeps three promises: a task awaits only tasks that come later
in the file (no task awaits itself, even through others), a scope operation names a scope of the program, and `raise`
stands in an `on`.

A *manner* says how large programs are, and how alike. Of a crowd each one prefers some kinds of steps and leaves others
out (Groce et al., "Swarm Testing", ISSTA 2012), and its instants are few, so that much happens at each of them.

Random numbers are drawn by `Draw` alone, on top of `getrandbits`, whose values are the same in every version of Python.
"""

import random
from dataclasses import dataclass

from kdl import Node

GRID = ["0s", "1s", "1s", "1s", "2s", "2s", "2s", "3s", "3s", "4s", "5s", "1ms", "500ms", "1500ms", "1000us"]
TASK_NAMES = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]


@dataclass(frozen=True)
class Manner:
    """How large programs are; weights say how often a number of tasks, or of steps in a task, is drawn."""

    tasks: dict
    budgets: dict
    scopes_deep_max: int
    blocks_deep_max: int
    deeper_percent: int
    starts_percent: int
    bounded_percent: int
    few_instants: bool
    swarm: bool


SMALL = Manner(
    tasks={1: 10, 2: 35, 3: 30, 4: 15, 5: 10}, budgets={3: 20, 6: 40, 10: 30, 16: 10}, scopes_deep_max=3,
    blocks_deep_max=7, deeper_percent=0, starts_percent=0, bounded_percent=60, few_instants=False, swarm=False)
CROWD = Manner(
    tasks={4: 15, 5: 20, 6: 20, 7: 15, 8: 20, 10: 10}, budgets={2: 15, 4: 40, 7: 35, 12: 10}, scopes_deep_max=4,
    blocks_deep_max=6, deeper_percent=35, starts_percent=60, bounded_percent=85, few_instants=True, swarm=True)


class Draw:
    """Draws from a stream that does not depend on the version of Python."""

    def __init__(self, seed):
        self.source = random.Random(seed)

    def below(self, limit):
        bits = limit.bit_length()
        while (value := self.source.getrandbits(bits)) >= limit:
            pass
        return value

    def chance(self, percent):
        return self.below(100) < percent

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def choice(self, options):
        return options[self.below(len(options))]

    def weighted(self, weights):
        """A key of `weights`, as often as its value says."""
        left = self.below(sum(weights.values()))
        for key, weight in weights.items():
            left -= weight
            if left < 0:
                return key
        raise AssertionError("the weights do not add up")

    def shuffled(self, items):
        items = list(items)
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
        return items


def step(name, *args, **props):
    """A step without a block."""
    return Node(name, list(args), {key: value for key, value in props.items() if value is not None})


def block(name, *args, steps, **props):
    node = step(name, *args, **props)
    node.children = steps
    return node


def attempt(body, finally_=None, **handlers):
    """`try`, with the handlers given as `cancelled=[…]`, `timeout=[…]`, `error=[…]`."""
    children = [block("body", steps=body)]
    children += [block("on", kind, steps=steps) for kind, steps in handlers.items()]
    if finally_ is not None:
        children.append(block("finally", steps=finally_))
    return block("try", steps=children)


def around(seconds, nudge_ns):
    """An instant as text: so many seconds and nanoseconds."""
    return f"{seconds}s" if nudge_ns == 0 else f"{seconds * 10**9 + nudge_ns}ns"


# Without these no program waits for anything.
KEPT = ("sleep", "yield_")


def factors(draw):
    """How much more often than usual each kind of step is drawn in one program."""
    kinds = [
        "sleep", "yield_", "busy", "cancel", "uncancel", "fail", "reschedule", "shift", "update", "reject", "set",
        "clear", "wait", "send", "recv", "check", "await_", "wait_for_task", "raise_", "timeout", "wait_for", "acquire",
        "try_",
    ]
    return {kind: draw.choice([1, 1, 2, 4] if kind in KEPT else [0, 1, 1, 2, 4]) for kind in kinds}


class Author:
    """Writes one random program."""

    def __init__(self, draw, manner):
        self.draw = draw
        self.manner = manner
        self.focus = draw.between(1, 3)
        self.grid = [draw.choice(GRID) for _ in range(3)] if manner.few_instants else GRID
        self.factors = factors(draw) if manner.swarm else {}
        self.tasks = TASK_NAMES[: draw.weighted(manner.tasks)]
        self.scopes = []
        self.scope_references = []
        self.logs = 0
        self.used = {"event": [], "queue": [], "semaphore": []}
        self.task = 0
        self.budget = 0

    def program(self):
        tasks = []
        for self.task, name in enumerate(self.tasks):
            self.budget = self.draw.weighted(self.manner.budgets)
            tasks.append(block("task", name, steps=self.start() + self.steps(0, [], False, self.draw.between(1, 4))))
        self.partners(tasks)
        self.resolve()
        return self.declarations() + tasks

    def start(self):
        """What a task of a crowd begins with: it comes to an instant to which others come, in one turn or another."""
        if not self.draw.chance(self.manner.starts_percent):
            return []
        wait = [] if self.draw.chance(50) else [step("sleep", self.draw.choice([around(self.focus, 0), self.grid[0]]))]
        return wait + [step("yield")] * self.draw.weighted({0: 50, 1: 25, 2: 15, 3: 10})

    def declarations(self):
        found = []
        if "S" in self.used["semaphore"] and self.draw.chance(40):
            found.append(step("semaphore", "S", permits=self.draw.between(1, 2)))
        for name in ("Q", "R"):
            if name in self.used["queue"] and self.draw.chance(self.manner.bounded_percent):
                found.append(step("queue", name, capacity=self.draw.between(1, 2)))
        return found

    def partners(self, tasks):
        """Adds what a wait needs to end, mostly: a program in which all is stuck says little."""
        for kind, give in (("event", "set"), ("queue", "send")):
            for name in sorted(set(self.used[kind])):
                if self.draw.chance(60):
                    args = [name, self.text()] if give == "send" else [name]
                    steps = [step("sleep", self.instant()), step(give, *args)]
                    task = self.draw.choice(tasks).children
                    task[:] = steps + task if self.draw.chance(50) else task + steps

    def resolve(self):
        """Gives each operation on a scope its name, now that all scopes are known."""
        for node, enclosing in self.scope_references:
            if enclosing and self.draw.chance(60):
                node.args = [self.draw.choice(enclosing)]
            elif self.scopes:
                node.args = [self.draw.choice(self.scopes)]
            else:
                node.name, node.args, node.props = "yield", [], {}

    # Values

    def instant(self):
        if self.draw.chance(35):
            return around(self.focus, 0)
        if self.draw.chance(12):
            return around(self.focus, self.draw.choice([-1, 1]))
        return self.draw.choice(self.grid)

    def text(self):
        self.logs += 1
        return f"{self.tasks[self.task]}{self.logs}"

    def name(self, kind, names):
        name = self.draw.choice(names)
        self.used[kind].append(name)
        return name

    def deadline(self):
        return self.draw.weighted({"after": 55, "at": 33, "none": 12})

    def deadline_props(self):
        which = self.deadline()
        return {} if which == "none" else {which: self.instant()}

    # Steps

    def steps(self, depth, scopes, caught, count):
        """Up to `count` steps in a block: `depth` blocks deep, in the scopes `scopes`, in an `on` if `caught`."""
        written = []
        for _ in range(count):
            if self.budget <= 0 and written:
                break
            self.budget -= 1
            node = self.one(depth, scopes, caught)
            written.append(node)
            if node.name in ("raise", "fail"):
                break
            if node.children is not None and self.draw.chance(55) or self.draw.chance(18):
                written.append(step("log", self.text()))
        return written

    def one(self, depth, scopes, caught):
        later = len(self.tasks) - self.task - 1
        weights = {
            "sleep": 18, "yield_": 7, "busy": 3, "cancel": 10, "uncancel": 3, "fail": 3,
            "reschedule": 6, "shift": 4, "update": 2, "reject": 2,
            "set": 3, "clear": 1, "wait": 4, "send": 4, "recv": 4, "check": 3,
            "await_": 7 if later else 0, "wait_for_task": 6 if later else 0, "raise_": 8 if caught else 0,
        }
        if depth < self.manner.blocks_deep_max and self.budget > 0:
            scope = 22 if len(scopes) < self.manner.scopes_deep_max else 0
            blocks = {"timeout": scope, "wait_for": 5, "acquire": 6, "try_": 18}
            if depth and self.draw.chance(self.manner.deeper_percent):
                return getattr(self, self.draw.weighted(blocks))(depth, scopes, caught)
            weights |= blocks
        weights = {kind: weight * self.factors.get(kind, 1) for kind, weight in weights.items()}
        return getattr(self, self.draw.weighted(weights))(depth, scopes, caught)

    def sleep(self, *_):
        return step("sleep", self.instant())

    def yield_(self, *_):
        return step("yield")

    def busy(self, *_):
        return step("busy", self.instant())

    def cancel(self, *_):
        return step("cancel", self.draw.choice(self.tasks))

    def uncancel(self, *_):
        return step("uncancel")

    def fail(self, *_):
        return step("fail", "timeout" if self.draw.chance(25) else self.draw.choice(["x", "y"]))

    def raise_(self, *_):
        return step("raise")

    def reschedule(self, depth, scopes, caught):
        return self.refer(step("reschedule", **self.deadline_props()), scopes)

    def shift(self, depth, scopes, caught):
        by = self.draw.choice(["1s", "1s", "2s", "1ns", "0s", "-1s", "-1s", "-2s", "-1ns", "-500ms"])
        return self.refer(step("shift", by=by), scopes)

    def update(self, depth, scopes, caught):
        return self.refer(step("update", at=self.instant()), scopes)

    def check(self, depth, scopes, caught):
        """What holds is written once the program has run (`generate.py`)."""
        node = step("check")
        self.scope_references.append((node, scopes))
        return node

    def reject(self, depth, scopes, caught):
        return self.refer(step("reject"), scopes)

    def refer(self, node, scopes):
        self.scope_references.append((node, scopes))
        if self.draw.chance(30):
            return node
        body = [node]
        if not scopes or self.draw.chance(50):
            body.insert(0, step("sleep", self.instant()))
        return attempt(body, error=[step("log", self.text())])

    def set(self, *_):
        return step("set", self.draw.choice(["E", "E", "F"]))

    def clear(self, *_):
        return step("clear", self.draw.choice(["E", "E", "F"]))

    def wait(self, *_):
        return step("wait", self.name("event", ["E", "E", "F"]))

    def send(self, *_):
        return step("send", self.draw.choice(["Q", "Q", "R"]), self.text())

    def recv(self, *_):
        return step("recv", self.name("queue", ["Q", "Q", "R"]))

    def later_task(self):
        return self.draw.choice(self.tasks[self.task + 1 :])

    def await_(self, *_):
        return step("await", self.later_task(), shield=True if self.draw.chance(40) else None)

    def wait_for_task(self, *_):
        return step("wait-for", self.later_task(), after=self.wait_for_delay())

    def wait_for_delay(self):
        return self.draw.weighted({"0s": 30, "": 15, "grid": 55}).replace("grid", self.instant()) or None

    # Blocks

    def inner(self, depth, scopes, caught):
        return self.steps(depth + 1, scopes, caught, self.draw.weighted({1: 45, 2: 35, 3: 20}))

    def timeout(self, depth, scopes, caught):
        name = f"t{len(self.scopes) + 1}"
        self.scopes.append(name)
        return block("timeout", name, steps=self.inner(depth, scopes + [name], caught), **self.deadline_props())

    def wait_for(self, depth, scopes, caught):
        return block("wait-for", steps=self.inner(depth, scopes, caught), after=self.wait_for_delay())

    def acquire(self, depth, scopes, caught):
        name = self.name("semaphore", ["S", "S", "T"])
        return block("acquire", name, steps=self.inner(depth, scopes, caught))

    def try_(self, depth, scopes, caught):
        body = self.inner(depth, scopes, caught)
        chances = {"cancelled": 65, "timeout": 35, "error": 25}
        kinds = [kind for kind, percent in chances.items() if self.draw.chance(percent)]
        handlers = {kind: self.handler(depth, scopes) for kind in self.draw.shuffled(kinds)}
        finally_ = self.inner(depth, scopes, caught) if not handlers or self.draw.chance(20) else None
        return attempt(body, finally_, **handlers)

    def handler(self, depth, scopes):
        steps = [step("log", self.text())] if self.draw.chance(40) else []
        if self.draw.chance(60):
            steps += self.steps(depth + 1, scopes, True, self.draw.between(1, 2))
        if self.draw.chance(55) and not (steps and steps[-1].name in ("raise", "fail")):
            steps.append(step("raise"))
        return steps


def random_program(draw, manner=SMALL):
    return Author(draw, manner).program()
