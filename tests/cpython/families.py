"""Small directed programs: each family varies one kind of race over a few instants, reactions and orders.

A family is a function of a `Draw` that gives the nodes of one program. An *actor* is a task that sleeps until an
instant and then lets a few turns pass before it acts, so that it meets each turn of a race.
"""

from programs import around, attempt, block, step

NUDGES_NS = [-1, 0, 0, 0, 0, 1]


def task(name, *steps):
    return block("task", name, steps=list(steps))


def log(text):
    return step("log", text)


def sleep(text):
    return step("sleep", text)


def yields(count):
    return [step("yield")] * count


def until(draw, seconds, turns_max=4):
    """The start of an actor: until about `seconds`, and then some turns."""
    return [sleep(around(seconds, draw.choice(NUDGES_NS))), *yields(draw.between(0, turns_max))]


def pacer(seconds, turns=5):
    """A task that counts the turns of an instant aloud."""
    steps = [sleep(around(seconds, 0)), log("p0")]
    for turn in range(1, turns + 1):
        steps += [step("yield"), log(f"p{turn}")]
    return task("p", *steps)


def with_pacer(draw, seconds, tasks):
    return draw.shuffled(tasks + [pacer(seconds)] if draw.chance(60) else tasks)


def in_file_order(tasks, awaited_last):
    """Tasks that are awaited go to the end."""
    return [node for node in tasks if node.args[0] not in awaited_last] + \
        [node for node in tasks if node.args[0] in awaited_last]


def cleanup(draw):
    """Steps of an `on "cancelled"`."""
    return draw.choice([
        [step("raise")],
        [log("c"), step("raise")],
        [log("c")],
        [step("yield"), log("c"), step("raise")],
        [step("yield"), log("c")],
        [sleep("1s"), log("c"), step("raise")],
        [sleep("1s"), log("c")],
        [step("fail", "x")],
        [step("fail", "timeout")],
        [step("uncancel"), log("c")],
        [step("uncancel"), step("raise")],
        [step("busy", "1s"), step("raise")],
        [attempt([sleep("2s")], cancelled=[log("c2"), step("raise")]), step("raise")],
    ])


def guarded(draw, body):
    """`body`, sometimes with a clean-up."""
    roll = draw.below(10)
    if roll < 4:
        return body
    if roll < 8:
        return [attempt(body, cancelled=cleanup(draw))]
    if roll < 9:
        return [attempt(body, [step("yield"), log("f")])]
    return [attempt(body, [sleep("1s"), log("f")], cancelled=cleanup(draw))]


def caught(draw, body):
    """`body`, with what comes out of it logged and sometimes kept."""
    if draw.chance(20):
        return body + [log("on")]
    reraise = [step("raise")] if draw.chance(40) else []
    handlers = {kind: [log(f"got {kind}"), *reraise] for kind in ("timeout", "cancelled", "error")}
    return [attempt(body, **handlers), log("after")]


def afterwards(draw):
    return draw.choice([
        [], [], [sleep("1s"), log("end")], [step("yield"), log("end")], [step("uncancel"), step("yield"), log("end")],
        [block("timeout", "u", after="0s", steps=[step("yield")])],
        [attempt([block("timeout", "u", after="1s", steps=[sleep("5s")])], timeout=[log("u")])],
    ])


def act(draw, scope="t", target="a"):
    """What an actor does."""
    seconds = draw.choice(["0s", "1s", "2s", "3s"])
    cancel = step("cancel", target)
    moves = [
        step("reschedule", scope, after=seconds), step("reschedule", scope, at=seconds), step("reschedule", scope),
        step("update", scope, at=seconds), step("reject", scope),
        step("shift", scope, by=draw.choice(["1s", "-1s", "1ns", "-1ns", "0s"])),
    ]
    move = draw.choice(moves)
    safe = attempt([move], error=[log("refused")])
    return draw.choice([
        [cancel], [cancel], [cancel, cancel], [cancel, *yields(1), cancel],
        [move], [safe], [safe, cancel], [cancel, safe],
        [step("set", "E")], [step("set", "E"), cancel], [cancel, step("set", "E")],
        [step("set", "E"), step("clear", "E")],
        [step("send", "Q", "v")], [step("send", "Q", "v"), cancel], [cancel, step("send", "Q", "v")],
    ])


def wait_steps(draw, seconds):
    """A wait that a scope with a deadline at `seconds` interrupts, or just about not."""
    return draw.choice([
        [sleep("9s")], [sleep("9s")], [sleep(around(seconds, draw.choice(NUDGES_NS)))],
        [step("wait", "E")], [step("recv", "Q")], [block("acquire", "S", steps=[sleep("9s")])],
        [sleep(around(seconds, -1)), *yields(2), sleep("1ns")],
        [sleep(around(seconds, -1)), step("busy", "1ns"), *yields(draw.between(1, 3))],
    ])


def deadline(draw, seconds):
    which = draw.choice(["after", "at"])
    return {which: around(seconds, 0)}


def tie(draw):
    """One scope, one actor, at about the same time."""
    seconds = draw.between(1, 2)
    scope = block("timeout", "t", steps=guarded(draw, wait_steps(draw, seconds)), **deadline(draw, seconds))
    tasks = [task("a", *caught(draw, [scope]), *afterwards(draw)), task("b", *until(draw, seconds), *act(draw))]
    return with_pacer(draw, seconds, tasks)


def two_actors(draw):
    """One scope, two actors."""
    seconds = draw.between(1, 2)
    scope = block("timeout", "t", steps=guarded(draw, wait_steps(draw, seconds)), **deadline(draw, seconds))
    tasks = [task("a", *caught(draw, [scope]), *afterwards(draw))]
    tasks += [task(name, *until(draw, seconds, 2), *act(draw)) for name in ("b", "c")]
    return draw.shuffled(tasks)


def nested(draw):
    """Two or three scopes inside each other with deadlines at about the same time."""
    seconds = draw.between(1, 2)
    body = guarded(draw, wait_steps(draw, seconds))
    for name in ("i", "m", "o")[draw.below(2):]:
        which = draw.choice(["after", "at"])
        when = draw.choice([around(seconds, draw.choice(NUDGES_NS)), around(seconds, 0), f"{seconds + 1}s", "0s"])
        body = [block("timeout", name, steps=body, **{which: when})]
        if draw.chance(60):
            body = caught(draw, body)
        if draw.chance(25):
            body = guarded(draw, body)
    tasks = [task("a", *body, *afterwards(draw))]
    if draw.chance(70):
        tasks.append(task("b", *until(draw, seconds), *act(draw, scope=draw.choice(["i", "o"]))))
    return draw.shuffled(tasks)


def operations(draw):
    """Operations on a scope in each of its states, from inside and from outside."""
    def operation():
        node = draw.choice([
            step("reschedule", "t", after=draw.choice(["0s", "1s", "2s"])),
            step("reschedule", "t", at=draw.choice(["0s", "1s", "2s", "4s"])),
            step("reschedule", "t"), step("update", "t", at=draw.choice(["1s", "3s"])), step("reject", "t"),
            step("shift", "t", by=draw.choice(["1s", "2s"])), step("shift", "t", by=draw.choice(["-1s", "-1ns"])),
        ])
        return [attempt([node], error=[log("refused")])] if draw.chance(85) else [node]

    def maybe(percent):
        return operation() if draw.chance(percent) else []

    body = maybe(40) + [sleep(draw.choice(["1s", "3s", "5s"]))] + maybe(30)
    on_cancelled = maybe(50) + draw.choice([[], [sleep("1s")], [sleep("2s")], [step("yield")]]) + maybe(30)
    on_cancelled += [step("raise")] if draw.chance(70) else []
    props = {"after": draw.choice(["1s", "1s", "2s", "3s"])} if draw.chance(85) else {}
    scope = block("timeout", "t", steps=[attempt(body, cancelled=on_cancelled)], **props)
    tasks = [task("a", *draw.choice([[], [sleep("1s")]]), *caught(draw, [scope]), *maybe(50))]
    for name in ("b", "c")[: draw.between(1, 2)]:
        steps = []
        for _ in range(draw.between(1, 3)):
            steps += [sleep(draw.choice(["500ms", "1s", "1500ms", "2s", "3s"])), *operation()]
        tasks.append(task(name, *steps))
    return draw.shuffled(tasks)


def child(draw, seconds):
    """The steps of a task that others wait for."""
    return draw.choice([
        [sleep(around(seconds, draw.choice(NUDGES_NS))), log("n")],
        [sleep("9s")], [*yields(draw.between(1, 3)), log("n")], [log("n")], [step("wait", "E")],
        [step("fail", "x")], [step("yield"), step("fail", "x")], [step("fail", "timeout")],
        [attempt([sleep("9s")], cancelled=cleanup(draw))],
        [attempt([sleep("9s")], cancelled=[sleep("1s"), step("raise")])],
        [attempt([sleep("9s")], cancelled=[*yields(draw.between(0, 2)), log("kept")])],
        [step("cancel", "a"), sleep("1s"), log("n")],
        [step("cancel", "n"), sleep("1s"), log("n")],
    ])


def waits_for_child(draw, seconds):
    delay = draw.choice(["0s", "0s", around(seconds, 0), around(seconds, draw.choice(NUDGES_NS)), None])
    return draw.choice([
        step("await", "n"), step("await", "n", shield=True), step("wait-for", "n", after=delay),
        step("wait-for", "n", after=delay),
        block("timeout", "t", steps=[step("await", "n")], after=around(seconds, 0)),
        block("timeout", "t", steps=[step("await", "n", shield=True)], after=around(seconds, 0)),
        block("timeout", "t", steps=[step("wait-for", "n", after=around(seconds, 0))], after=around(seconds, 0)),
    ])


def await_task(draw):
    """Waits for a task: await, shield, wait_for, with a cancel of either at about the end."""
    seconds = draw.between(1, 2)
    start = draw.choice([[], [], [], yields(draw.between(1, 3)), [sleep("1s")]])
    start += [step("cancel", "a")] if draw.chance(15) else []
    tasks = [task("a", *start, *caught(draw, [waits_for_child(draw, seconds)]), *afterwards(draw))]
    if draw.chance(75):
        when = draw.choice([until(draw, seconds), yields(draw.between(0, 5))])
        tasks.append(task("b", *when, step("cancel", draw.choice(["a", "a", "n"])), log("b")))
    if draw.chance(35):
        tasks.append(task("c", *caught(draw, [waits_for_child_only(draw)])))
    if draw.chance(40):
        tasks.append(pacer(seconds))
    tasks = draw.shuffled(tasks)
    tasks.insert(len(tasks) if draw.chance(70) else draw.below(len(tasks) + 1), task("n", *child(draw, seconds)))
    return in_file_order(tasks, ["n"])


def waits_for_child_only(draw):
    return draw.choice([step("await", "n"), step("await", "n", shield=True), step("wait-for", "n", after="0s")])


def chain(draw):
    """A chain of waits, cancelled at one of its links."""
    length = draw.between(3, 5)
    names = ["a", "b", "c", "d", "n"][5 - length:]
    tasks = []
    for name, following in zip(names, names[1:]):
        wait = draw.choice([
            step("await", following), step("await", following), step("await", following, shield=True),
            step("wait-for", following, after=draw.choice(["0s", "1s", "2s", None])),
            block("timeout", f"t{name}", steps=[step("await", following)], after=draw.choice(["1s", "1s", "2s"])),
        ])
        start = [step("yield")] if draw.chance(15) else []
        tasks.append(task(name, *start, *caught(draw, guarded(draw, [wait]))))
    tasks.append(task("n", *guarded(draw, draw.choice([[sleep("9s")], [sleep("1s")], [step("wait", "E")]]))))
    if draw.chance(80):
        actor = task("z", *until(draw, 1), step("cancel", draw.choice(names)), log("z"))
        tasks.insert(draw.choice([0, len(tasks)]), actor)
    return tasks


def wait_for_steps(draw):
    """wait_for around inline steps."""
    seconds = draw.between(1, 2)
    delay = draw.choice(["0s", "0s", around(seconds, 0), around(seconds, draw.choice(NUDGES_NS)), None])
    inner = draw.choice([wait_steps(draw, seconds), [log("in")], [step("fail", "x")], [step("yield"), log("in")]])
    wait = block("wait-for", steps=guarded(draw, inner), after=delay)
    acts = [[step("cancel", "a"), log("b")], [step("set", "E"), step("cancel", "a")], [step("send", "Q", "v")]]
    if draw.chance(35):
        wait = block("timeout", "t", steps=[wait], after=draw.choice([around(seconds, 0), "0s"]))
        acts = [act(draw)]
    start = [step("cancel", "a")] if draw.chance(25) else []
    tasks = [task("a", *start, *caught(draw, [wait]), *afterwards(draw))]
    when = draw.choice([until(draw, seconds), yields(draw.between(0, 4))])
    tasks.append(task("b", *when, *draw.choice(acts)))
    return with_pacer(draw, seconds, tasks)


def semaphore(draw):
    """Tasks that hold and wait for permits, some cancelled or timed out at the hand-over."""
    names = ["a", "b", "c", "d", "e"][: draw.between(3, 5)]
    tasks = []
    for name in names:
        holds = [step("yield"), log("in"), step("fail", "x"), sleep("500ms")]
        hold = draw.choice([*holds, *[sleep("1s")] * 4])
        cancel = [step("cancel", draw.choice(names))]
        before, after = draw.choice([([], []), ([], []), (cancel, []), ([], cancel)])
        body = [block("acquire", "S", steps=[log(f"{name} has"), hold, *before]), *after]
        if draw.chance(30):
            delay = draw.choice(["1s", "1s", "2s", "500ms"])
            body = [block("timeout", f"t{name}", steps=guarded(draw, body), after=delay)]
        start = draw.choice([[], [], [], yields(draw.between(1, 3)), [sleep("1s")], [sleep("1s"), *yields(1)]])
        again = [block("acquire", "S", steps=[log(f"{name} again")])] if draw.chance(35) else []
        tasks.append(task(name, *start, *caught(draw, body), *again))
    for name in ("y", "z")[: draw.between(0, 2)]:
        cancels = [step("cancel", draw.choice(names)) for _ in range(draw.between(1, 2))]
        tasks.append(task(name, *until(draw, 1, 2), *cancels))
    declared = [step("semaphore", "S", permits=draw.between(1, 3))] if draw.chance(65) else []
    return declared + draw.shuffled(tasks)


def queue(draw):
    """Senders and receivers, some cancelled or timed out as a value passes."""
    names = ["a", "b", "c", "d", "e"][: draw.between(2, 5)]
    tasks, number, receives_percent = [], 0, draw.choice([25, 50, 85])
    for name in names:
        steps = draw.choice([[], [], [], yields(draw.between(1, 3)), [sleep("1s")], [sleep("1s"), *yields(1)]])
        for _ in range(draw.between(1, 2)):
            number += 1
            body = [step("recv", "Q") if draw.chance(receives_percent) else step("send", "Q", f"v{number}")]
            if draw.chance(25):
                body = [block("timeout", f"t{number}", steps=body, after=draw.choice(["1s", "0s", "2s"]))]
            if draw.chance(10):
                body = [block("wait-for", steps=body, after="1s")]
            steps = steps + (caught(draw, body) if draw.chance(60) else [*body, log(f"{name}{number}")])
        tasks.append(task(name, *steps))
    for name in ("y", "z")[: draw.between(0, 2)]:
        steps = [step("cancel", draw.choice(names)) for _ in range(draw.between(1, 2))]
        steps += [step(*draw.choice([("send", "Q", f"{name}{turn}"), ("send", "Q", f"{name}{turn}"), ("recv", "Q")]))
                  for turn in range(draw.between(0, 2))]
        tasks.append(task(name, *until(draw, 1, 2), *draw.shuffled(steps)))
    declared = [step("queue", "Q", capacity=draw.between(1, 2))] if draw.chance(60) else []
    return declared + draw.shuffled(tasks)


def event(draw):
    """Waiters of an event, some cancelled as it is set."""
    tasks = []
    for name in ("a", "b", "c")[: draw.between(2, 3)]:
        body = [step("wait", "E"), log(f"{name} woke")]
        if draw.chance(50):
            body = [block("timeout", f"t{name}", steps=guarded(draw, body), after=draw.choice(["1s", "1s", "2s"]))]
        again = [step("wait", "E"), log(f"{name} again")] if draw.chance(30) else []
        start = draw.choice([[], [], yields(1), [sleep("1s")]])
        tasks.append(task(name, *start, *caught(draw, body), *again))
    others = [node.args[0] for node in tasks]
    for name in ("y", "z")[: draw.between(1, 2)]:
        steps = draw.shuffled([step("set", "E"), step("cancel", draw.choice(others)),
                               draw.choice([step("clear", "E"), step("yield"), step("set", "E")])])
        tasks.append(task(name, *until(draw, 1), *steps))
    return draw.shuffled(tasks)


def busy(draw):
    """Time that passes inside a turn, over deadlines of the same task and of others."""
    tasks = []
    for number, name in enumerate(("a", "b", "c")[: draw.between(2, 3)], 1):
        steps = draw.choice([[], [sleep("1s")], [sleep("500ms")], yields(1)])
        inner = draw.choice([
            [step("busy", "2s"), sleep("1s")], [step("busy", "1s"), *yields(2)], [sleep("1s"), step("busy", "1s")],
            [step("busy", "1s")], [sleep("1s"), log("in")], [step("wait", "E")], [*yields(3), log("in")],
            [step("yield"), step("busy", "1s"), step("set", "E"), step("yield")],
        ])
        if draw.chance(75):
            props = {draw.choice(["after", "at"]): draw.choice(["1s", "1s", "2s", "1500ms", "0s"])}
            inner = [block("timeout", f"t{number}", steps=guarded(draw, inner), **props)]
        tasks.append(task(name, *steps, *caught(draw, inner)))
    tasks.append(task("z", *draw.choice([[], yields(1), [sleep("1s")], [sleep("500ms")]]),
                      step("busy", draw.choice(["1s", "2s"])),
                      *draw.choice([[step("set", "E")], [step("cancel", "a")], [log("z")]])))
    return draw.shuffled(tasks)


def counting(draw):
    """Several cancel requests and `uncancel`, around and inside scopes."""
    def some(count_max):
        count = draw.between(0, count_max)
        return [step(*draw.choice([("cancel", "a"), ("cancel", "a"), ("uncancel",)])) for _ in range(count)]

    ends = [[step("raise")], [step("raise")], [], [step("yield"), step("raise")]]
    wait = draw.choice([[step("yield")], [step("yield")], [sleep("2s")], [], [step("wait", "E")]])
    body = [*some(2), *wait, *some(1)]
    if draw.chance(65):
        body = [attempt(body, cancelled=[log("c"), *some(2), *draw.choice(ends)])]
    if draw.chance(25):
        body = [block("timeout", "i", steps=body, after=draw.choice(["0s", "1s"]))]
    after = draw.choice(["0s", "0s", "1s"])
    scope = block(*draw.choice([("timeout", "t")] * 4 + [("wait-for",)]), steps=body, after=after)
    start = [attempt([sleep("1s")], cancelled=[log("first"), *some(1)])] if draw.chance(40) else []
    start += [step("cancel", "a")] if draw.chance(50) else some(2)
    tasks = [task("a", *start, *caught(draw, [scope]), *some(1), *afterwards(draw))]
    if draw.chance(60):
        cancels = [step("cancel", "a")] * draw.between(1, 2)
        tasks.append(task("b", *draw.choice([yields(draw.between(0, 3)), until(draw, 1)]), *cancels))
    return draw.shuffled(tasks)


def arming(draw):
    """Many timers for one instant, armed in various orders and ways."""
    names = ["a", "b", "c", "d", "e", "f"][: draw.between(3, 6)]
    tasks = []
    for name in names:
        early = draw.choice([[], [], [sleep("1s")], [sleep("500ms")], yields(1), [step("busy", "500ms")]])
        left = {"1s": "1s", "500ms": "1500ms"}.get(early[0].args[0] if early and early[0].args else "", "2s")
        moved = [step("reschedule", f"t{name}", at="2s"), sleep("9s")]
        tasks.append(task(name, *early, *draw.choice([
            [sleep(left), log(name)], [sleep(left), log(name)],
            caught(draw, [block("timeout", f"t{name}", steps=[sleep("9s")], at="2s")]),
            caught(draw, [block("wait-for", steps=[sleep(left), log(name)], after=left)]),
            [attempt([block("timeout", f"t{name}", steps=moved, after="9s")], timeout=[log(name)])],
        ])))
    scopes = [node.args[0] for node in walk(tasks) if node.name == "timeout"]
    if scopes and draw.chance(70):
        moves = []
        for _ in range(draw.between(1, 3)):
            scope = draw.choice(scopes)
            moves.append(draw.choice([
                step("reschedule", scope, at="2s"), step("update", scope, at="2s"), step("shift", scope, by="0s"),
                step("reschedule", scope, at="3s"), step("reschedule", scope, at="1s"), step("reject", scope),
            ]))
        tasks.append(task("y", sleep("1s"), *yields(1), *moves))
    if draw.chance(30):
        tasks.append(task("z", *until(draw, 2), step("cancel", draw.choice(names))))
    return draw.shuffled(tasks)


def walk(nodes):
    for node in nodes:
        yield node
        yield from walk(node.children or [])


FAMILIES = {
    "tie": (tie, 20), "two actors": (two_actors, 8), "nested": (nested, 14), "operations": (operations, 20),
    "await task": (await_task, 16), "chain": (chain, 10), "wait_for steps": (wait_for_steps, 8),
    "semaphore": (semaphore, 14), "queue": (queue, 14), "event": (event, 6),
    "busy": (busy, 8), "counting": (counting, 12), "arming": (arming, 10),
}
