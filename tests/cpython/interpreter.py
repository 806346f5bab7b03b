"""Runs a scenario with asyncio itself.

`load` reads a scenario, `run` runs it and gives its outcome: a dictionary in the shape of one line of `deadheat run
--json`, without what only deadheat knows (scheduler, seed, steps, violations, replay). A step is one call of asyncio.

Not here: `expect`, which does not change what happens, and the messages for bad input.
"""

import asyncio
import re
from dataclasses import dataclass

import difference
import kdl
from loop import ITERATIONS_MAX, EndStamp, VirtualLoop

UNITS_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


class Failure(Exception):
    """An error of the scenario's own, `error:NAME`."""

    def __init__(self, name):
        super().__init__(name)
        self.name = name


class Unexpected(Exception):
    """CPython itself raised something that the scenario did not ask for."""


def duration_ns(text):
    """A duration; of a range the low end, which is what happens unless a scheduler decides otherwise."""
    match = re.fullmatch(r"(-?[0-9]+)(ns|us|ms|s|m|h)", text.split("..")[0])
    if not match:
        raise ValueError(f"not a duration: {text!r}")
    return int(match.group(1)) * UNITS_NS[match.group(2)]


def optional_ns(node, name):
    return duration_ns(node.props[name]) if name in node.props else None


@dataclass
class Program:
    name: str
    tasks: list
    permits: dict
    capacities: dict


def load(text):
    return program_of(kdl.loads(text))


def program_of(nodes):
    program = Program("", [], {}, {})
    for node in nodes:
        if node.name == "scenario":
            program.name = node.args[0]
        elif node.name == "task":
            program.tasks.append((node.args[0], node.children or []))
        elif node.name == "semaphore":
            program.permits[node.args[0]] = node.props.get("permits", 1)
        elif node.name == "queue":
            program.capacities[node.args[0]] = node.props.get("capacity", 0)
        elif node.name != "expect":
            raise ValueError(f"unknown node {node.name!r}")
    return program


def run(program, *, stock=False, tally=None, iterations_max=ITERATIONS_MAX):
    """The outcome of `program`. `stock` leaves the difference out; `tally` hears what happens. Raises `Unexpected`."""
    with difference.applied(not stock):
        loop = VirtualLoop(iterations_max)
        interpreter = Interpreter(program, loop, tally or Tally())
        try:
            loop.run_forever()
            return interpreter.outcome()
        finally:
            interpreter.tear_down()
            loop.close()


class Tally:
    """Is told what happens in a run; does nothing with it."""

    def step(self, name):
        pass

    def scope_operation(self, operation, state, inside):
        pass

    def scope_moved(self, when):
        pass

    def scope_exit(self, state, body_end, end):
        pass

    def scope_checked(self, node, found):
        pass


@dataclass
class Place:
    """Where a step stands: in which task, and in which `on` (for `raise`)."""

    task: str
    caught: BaseException | None = None


def end_of(error):
    """How a block or a task ended, as scenarios name it."""
    match error:
        case None:
            return "returned"
        case asyncio.CancelledError():
            return "cancelled"
        case TimeoutError():
            return "timeout"
        case Failure(name=name):
            return f"error:{name}"
    raise Unexpected(repr(error)) from error


class Interpreter:
    def __init__(self, program, loop, tally):
        self.program = program
        self.loop = loop
        self.tally = tally
        self.over = False
        self.check_failed = False
        self.log_lines = []
        self.scopes = {}
        self.events = {}
        self.semaphores = {}
        self.queues = {}
        self.tasks = {}
        self.stamps = {}
        for name, steps in program.tasks:
            self.tasks[name] = loop.create_task(self.steps(steps, Place(name)), name=name)
            self.stamps[name] = EndStamp()
            self.tasks[name].add_done_callback(self.stamps[name])

    # The outcome

    def outcome(self):
        if self.loop.callback_errors:
            raise Unexpected(repr(self.loop.callback_errors[0])) from self.loop.callback_errors[0]
        tasks = [self.task_outcome(name) for name, _ in self.program.tasks]
        return {
            "scenario": self.program.name,
            "verdict": self.verdict(any(task["end"] == "pending" for task in tasks)),
            "tasks": tasks,
            "scopes": [self.scope_outcome(name) for name in sorted(self.scopes)],
            "log": self.log_lines,
        }

    def verdict(self, pending):
        if self.check_failed:
            return "failed"
        return "limit" if self.loop.limit_reached() else "stuck" if pending else "done"

    def task_outcome(self, name):
        task = self.tasks[name]
        if not task.done():
            end = "pending"
        elif task.cancelled():
            end = "cancelled"
        else:
            end = end_of(task.exception())
        return {"name": name, "end": end, "at_ns": self.stamps[name].at}

    def scope_outcome(self, name):
        scope = self.scopes[name]
        state = scope._state.value
        return {"name": name, "state": state, "expired": scope.expired(), "when_ns": scope.when()}

    def tear_down(self):
        """Closes what is still pending; no step runs any more."""
        self.over = True
        for task in asyncio.all_tasks(self.loop):
            task._log_destroy_pending = False
            task.get_coro().close()
        for task in self.tasks.values():
            if task.done() and not task.cancelled():
                task.exception()

    # Steps

    async def steps(self, nodes, place):
        for node in nodes or []:
            if self.over:
                return
            method = getattr(self, "step_" + node.name.replace("-", "_"), None)
            if method is None:
                raise Unexpected(f"unknown step {node.name!r}")
            self.tally.step(node.name)
            await method(node, place)

    async def step_sleep(self, node, place):
        await asyncio.sleep(duration_ns(node.args[0]))

    async def step_yield(self, node, place):
        await asyncio.sleep(0)

    async def step_busy(self, node, place):
        self.loop.busy(duration_ns(node.args[0]))

    async def step_log(self, node, place):
        self.log(place, node.args[0])

    def log(self, place, text):
        self.log_lines.append({"at_ns": self.loop.time(), "task": place.task, "text": text})

    # Scopes

    async def step_timeout(self, node, place):
        if "at" in node.props:
            scope = asyncio.timeout_at(duration_ns(node.props["at"]))
        else:
            scope = asyncio.timeout(optional_ns(node, "after"))
        state, body_end, end = None, None, None
        try:
            async with scope:
                self.scopes[node.args[0]] = scope
                try:
                    await self.steps(node.children, place)
                except BaseException as error:
                    body_end = error
                    raise
                finally:
                    state = scope._state.value
        except BaseException as error:
            end = error
            raise
        finally:
            if not self.over:
                self.tally.scope_exit(state, end_of(body_end), end_of(end))

    async def step_reschedule(self, node, place):
        after = optional_ns(node, "after")
        when = optional_ns(node, "at") if after is None else self.loop.time() + after
        self.move(self.entered_scope(node, place), when)

    async def step_update(self, node, place):
        self.move(self.entered_scope(node, place), duration_ns(node.props["at"]))

    async def step_reject(self, node, place):
        self.move(self.entered_scope(node, place), None)

    async def step_shift(self, node, place):
        scope = self.entered_scope(node, place)
        if scope.when() is None:
            raise Failure("no-deadline")  # async-timeout looks at the deadline first, whatever the state
        self.move(scope, scope.when() + duration_ns(node.props["by"]))

    async def step_check(self, node, place):
        if node.args[0] in self.scopes:
            found = self.scope_outcome(node.args[0])
        else:
            found = {"state": "created", "expired": False}  # and without a deadline that could be looked at
        self.tally.scope_checked(node, found)
        stated = {"when_ns" if key == "when" else key: value for key, value in node.props.items()}
        if stated.get("when_ns") is not None:
            stated["when_ns"] = duration_ns(stated["when_ns"])
        self.check_failed |= any(key not in found or found[key] != value for key, value in stated.items())

    def entered_scope(self, node, place):
        scope = self.scopes.get(node.args[0])
        state = scope._state.value if scope else "created"
        inside = bool(scope) and scope._task is self.tasks[place.task]
        self.tally.scope_operation(operation_name(node), state, inside)
        if scope is None:
            raise Failure("invalid-state")
        return scope

    def move(self, scope, when):
        """Moves a deadline; asyncio refuses with a RuntimeError unless the scope is active."""
        try:
            scope.reschedule(when)
        except RuntimeError as error:
            raise Failure("invalid-state") from error
        self.tally.scope_moved(when)

    # Tasks

    async def step_wait_for(self, node, place):
        what = self.tasks[node.args[0]] if node.args else self.steps(node.children, place)
        await asyncio.wait_for(what, optional_ns(node, "after"))

    async def step_await(self, node, place):
        task = self.tasks[node.args[0]]
        await (asyncio.shield(task) if node.props.get("shield") else task)

    async def step_cancel(self, node, place):
        self.tasks[node.args[0]].cancel()

    async def step_uncancel(self, node, place):
        asyncio.current_task().uncancel()

    # Events, queues, semaphores

    def event(self, node):
        return self.events.setdefault(node.args[0], asyncio.Event())

    async def step_set(self, node, place):
        self.event(node).set()

    async def step_clear(self, node, place):
        self.event(node).clear()

    async def step_wait(self, node, place):
        await self.event(node).wait()

    def queue(self, node):
        name = node.args[0]
        return self.queues.setdefault(name, asyncio.Queue(self.program.capacities.get(name, 0)))

    async def step_send(self, node, place):
        await self.queue(node).put(node.args[1])

    async def step_recv(self, node, place):
        value = await self.queue(node).get()
        self.log(place, f"received {value}")

    async def step_acquire(self, node, place):
        name = node.args[0]
        semaphore = self.semaphores.setdefault(name, asyncio.Semaphore(self.program.permits.get(name, 1)))
        async with semaphore:
            await self.steps(node.children, place)

    # Errors

    async def step_try(self, node, place):
        handlers = {}
        for child in node.children:
            handlers.setdefault(child.args[0] if child.name == "on" else child.name, child.children)
        try:
            try:
                await self.steps(handlers.get("body"), place)
            except (asyncio.CancelledError, Exception) as error:
                kind = end_of(error).split(":")[0]
                if kind not in handlers:
                    raise
                await self.steps(handlers[kind], Place(place.task, error))
        finally:
            await self.steps(handlers.get("finally"), place)

    async def step_raise(self, node, place):
        raise place.caught

    async def step_fail(self, node, place):
        raise TimeoutError if node.args[0] == "timeout" else Failure(node.args[0])


def operation_name(node):
    """An operation on a scope, told apart by where it moves the deadline."""
    if node.name == "reschedule":
        return "reschedule " + next((name for name in ("after", "at") if name in node.props), "none")
    if node.name == "shift":
        return "shift back" if node.props["by"].startswith("-") else "shift on"
    return node.name
