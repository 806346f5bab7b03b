"""Directed programs with many tasks at one instant: what they pin is who comes before whom.

Nearly every step is followed by a `log`, so that the log is the order of the turns.
"""

from families import caught, log, sleep, task, walk, yields
from programs import TASK_NAMES, attempt, block, step


def in_turns(draw, name, parts):
    """Steps with a line of the log after each part, and turns that are let go by."""
    written = []
    for number, part in enumerate(parts, 1):
        written += [*part, *([log(f"{name}{number}")] if draw.chance(85) else [])]
        written += yields(draw.weighted({0: 60, 1: 30, 2: 10}))
    return written


def safely(node):
    return attempt([node], error=[])


def moves(scope):
    return [
        step("reject", scope), step("reject", scope), step("reschedule", scope, at="9s"),
        step("reschedule", scope, at="1s"), step("reschedule", scope, at="2s"), step("reschedule", scope, after="0s"),
        step("shift", scope, by="1s"), step("check", scope),
    ]


def overdue(draw):
    """Timers that come due while a task is busy, between turns that are queued; some are dropped before they fire."""
    names = list(TASK_NAMES)
    tasks = []
    for _ in range(draw.between(2, 4)):
        tasks.append(task(names[0], *watcher(draw, names.pop(0))))
    watchers = [node.args[0] for node in tasks]
    scopes = [node.args[0] for node in walk(tasks) if node.name == "timeout"]
    for _ in range(draw.between(1, 3)):
        parts = [driven(draw, watchers, scopes) for _ in range(draw.between(2, 5))]
        start = [sleep("1s")] if draw.chance(25) else []
        start += yields(draw.between(0, 3))
        tasks.append(task(names[0], *start, *in_turns(draw, names.pop(0), parts)))
    for _ in range(draw.between(1, 3)):
        start = draw.choice([[step("wait", "E")], [step("wait", "E")], [], [sleep("1s")]])
        turns = [node for turn in range(4) for node in (log(f"{names[0]}{turn}"), step("yield"))]
        tasks.append(task(names.pop(0), *start, *turns))
    return draw.shuffled(tasks)


def watcher(draw, name):
    """A wait with one timer, or with two for about the same moment."""
    seconds = draw.choice(["1s", "1s", "2s", "3s"])
    slept = [sleep(draw.choice([seconds, "1s", "2s"])), log(f"{name} slept")]
    wait = draw.choice([
        slept,
        [block("timeout", f"t{name}", steps=[sleep("9s")], at=seconds)],
        [block("timeout", f"t{name}", steps=[sleep("9s")], at=seconds)],
        [block("timeout", f"t{name}", steps=slept, at=seconds)],
        [block("timeout", f"t{name}", steps=[step("wait", "E"), log(f"{name} woke")], at=seconds)],
        [block("wait-for", steps=slept, after=seconds)],
    ])
    afterwards = yields(1) + [log(f"{name} on")] if draw.chance(50) else []
    return yields(draw.weighted({0: 70, 1: 30})) + caught(draw, wait) + afterwards


def driven(draw, watchers, scopes):
    """What a task does while others' timers come due."""
    busy = [step("busy", draw.choice(["1s", "1s", "2s", "500ms"]))]
    cancel = [step("cancel", draw.choice(watchers))]
    wake = [step("set", "E")]
    move = [safely(draw.choice(moves(draw.choice(scopes))))] if scopes else cancel
    return draw.choice([
        busy, busy, move, cancel, wake, busy + move, move + busy, busy + wake, wake + busy, cancel + busy,
        move + busy + wake, cancel + wake + busy, [step("clear", "E")], [step("yield")],
    ])


def instant(draw):
    """Five to ten tasks that come to one instant and do there what takes a few turns."""
    names = TASK_NAMES[: draw.between(5, 10)]
    scoped = [name for name in names if draw.chance(35)]
    tasks = []
    for number, name in enumerate(names):
        later = names[number + 1 :]
        parts = [at_once(draw, name, names, later, scoped) for _ in range(draw.between(2, 4))]
        steps = in_turns(draw, name, parts)
        if name in scoped:
            props = {draw.choice(["after", "at"]): draw.choice(["0s", "1s", "1s", "2s"])}
            steps = caught(draw, [block("timeout", f"t{name}", steps=steps, **props)])
        start = [] if draw.chance(35) else [sleep("1s")]
        tasks.append(task(name, *start, *yields(draw.weighted({0: 60, 1: 25, 2: 15})), *steps))
    capacity = draw.weighted({0: 20, 1: 55, 2: 25})
    declared = [step("queue", "Q", capacity=capacity)] if capacity else []
    if draw.chance(30):
        declared.append(step("semaphore", "S", permits=2))
    return declared + tasks


def at_once(draw, name, names, later, scoped):
    """A step that takes a few turns, or lets others have theirs."""
    parts = {
        "yield": [step("yield")], "set": [step("set", "E")], "clear": [step("set", "E"), step("clear", "E")],
        "wait": [step("wait", "E")], "send": [step("send", "Q", f"{name}!")], "recv": [step("recv", "Q")],
        "acquire": [block("acquire", "S", steps=[log(f"{name} has"), *yields(draw.between(0, 2))])],
        "cancel": [step("cancel", draw.choice(names))], "sleep": [sleep(draw.choice(["0s", "1s"]))],
        "busy": [step("busy", "1s")], "wait-for": [block("wait-for", steps=yields(draw.between(1, 2)), after="1s")],
    }
    weights = {
        "yield": 12, "set": 12, "clear": 3, "wait": 10, "send": 14, "recv": 14, "acquire": 16, "cancel": 5, "sleep": 6,
        "busy": 4, "wait-for": 3,
    }
    if later:
        child = draw.choice(later)
        parts["await"] = [step("await", child, shield=True if draw.chance(40) else None)]
        parts["wait-for task"] = [step("wait-for", child, after=draw.choice(["0s", "1s", "1s", None]))]
        weights |= {"await": 5, "wait-for task": 4}
    if scoped:
        parts["move"] = [safely(draw.choice(moves(f"t{draw.choice(scoped)}")))]
        weights["move"] = 10
    kept = parts[draw.weighted(weights)]
    return [attempt(kept, cancelled=[log(f"{name} kept on")])] if draw.chance(12) else kept


CROWDS = {"overdue": (overdue, 40), "instant": (instant, 60)}
