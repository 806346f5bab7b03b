"""The one intended difference between the timeout contract and CPython (clause T2, gh-134471).

A scope remembers at its start how many cancel requests its task has, and ends in `TimeoutError` only if there are no
more of them at its exit. CPython counts a request that is still waiting to be delivered as an old one, so that a scope
which expires at once swallows it. Here such a request counts as new.
"""

import asyncio
from contextlib import contextmanager


class Timeout(asyncio.Timeout):
    async def __aenter__(self):
        await super().__aenter__()
        if self._task._must_cancel:
            self._cancelling -= 1
        return self


@contextmanager
def applied(wanted=True):
    """Makes `asyncio.timeout`, `asyncio.timeout_at` and `asyncio.wait_for` use the changed scope."""
    stock = asyncio.timeouts.Timeout
    if wanted:
        asyncio.timeouts.Timeout = Timeout
    try:
        yield
    finally:
        asyncio.timeouts.Timeout = stock
