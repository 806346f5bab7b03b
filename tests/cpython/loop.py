"""An asyncio event loop on a virtual clock: the real machinery of CPython, with time replaced.

Tasks, futures, timeouts, locks, queues and `BaseEventLoop._run_once` are CPython's own. Replaced are:

1. *The clock.* `time()` is a whole number of nanoseconds from the start of the run, so that sums are exact and equal
   means equal. Its resolution is 1, so that `_run_once` takes a timer as due at exactly its deadline and never before.
2. *Waiting.* Where the real loop would sleep in `select`, the clock jumps to the first timer. With no timer left
   nothing can ever happen again, and the loop stops.
3. *Ties.* `heapq` does not keep the order of four or more equal deadlines. Timers get a total order: (deadline,
   arming).
4. *A limit* on iterations.

Not here: files, sockets, threads, signals, subprocesses.
"""

import asyncio
import heapq

ITERATIONS_MAX = 100_000


class Timer(asyncio.TimerHandle):
    """A timer handle that is ordered by (deadline, arming)."""

    __slots__ = ("_number",)

    def __init__(self, number, when, callback, args, loop, context=None):
        super().__init__(when, callback, args, loop, context)
        self._number = number

    def __lt__(self, other):
        return (self._when, self._number) < (other._when, other._number)


class EndStamp:
    """A done callback that is told the time at which its task ended, not that of the next iteration."""

    def __init__(self):
        self.at = None

    def __call__(self, task):
        raise AssertionError("the loop takes stamps out before they are queued")


class VirtualSelector:
    """Stands where the loop waits for files: lets virtual time pass instead."""

    def __init__(self, loop, iterations_max):
        self.loop = loop
        self.iterations_left = iterations_max

    def select(self, timeout):
        self.iterations_left -= 1
        if self.iterations_left < 0 or timeout is None:
            self.loop.stop()
        elif timeout > 0:
            # `timeout` is capped at a day by the loop, which takes it for seconds.
            self.loop.now = self.loop._scheduled[0]._when
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    def __init__(self, iterations_max=ITERATIONS_MAX):
        super().__init__()
        self.set_debug(False)
        self.now = 0
        self._clock_resolution = 1
        self._selector = VirtualSelector(self, iterations_max)
        self._timers_armed = 0
        self.callback_errors = []
        self.set_exception_handler(VirtualLoop._note_error)

    def time(self):
        return self.now

    def busy(self, duration):
        """Lets time pass without giving way."""
        self.now += duration

    def limit_reached(self):
        return self._selector.iterations_left < 0

    def call_at(self, when, callback, *args, context=None):
        self._timers_armed += 1
        timer = Timer(self._timers_armed, when, callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True
        return timer

    def call_soon(self, callback, *args, context=None):
        # A task schedules its done callbacks at the moment it ends.
        if isinstance(callback, EndStamp):
            callback.at = self.now
            return None
        return super().call_soon(callback, *args, context=context)

    def _note_error(self, context):
        # Anything else, such as an exception that nobody retrieved, is advice to the programmer.
        if "handle" in context:
            self.callback_errors.append(context["exception"])

    def _process_events(self, event_list):
        pass

    def _write_to_self(self):
        pass
