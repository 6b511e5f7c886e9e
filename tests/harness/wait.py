"""Waiting for something to be true, with a deadline instead of a sleep."""

import time

PAUSE = 0.02


def until(condition, within=10.0, what="the condition"):
    """Polls `condition` until it gives something true, and returns that. Exceptions of a peer that is not there yet
    count as false; the last one is told when the time is up."""
    deadline = time.monotonic() + within
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except (OSError, AssertionError, LookupError, ValueError) as error:
            last = error
        except Exception as error:  # httpx has a hierarchy of its own
            if not type(error).__module__.startswith("httpx"):
                raise
            last = error
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within} s: {what} (last: {last!r})")
        time.sleep(PAUSE)


def never(condition, within, what):
    """Checks for a while that something does not happen."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        assert not condition(), what
        time.sleep(PAUSE)
