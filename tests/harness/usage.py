"""What a process has used: CPU time and memory, from /proc."""

import os
import time


def cpu_micros(pid):
    """Microseconds on a CPU, over all threads it has and had: clock_getcpuclockid(3) of another process."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1000


def tree(pid):
    """A process and all below it."""
    children = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as stat:
                parent = int(stat.read().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def rss_mib(pid):
    """Resident memory in MiB."""
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0
