#!/usr/bin/env python3
"""Times `nixtune lint` beside ripgrep and deadnix on trees, in one run, and prints ratios.

    benches/lint.py NIXTUNE FOLDER...

ripgrep counts the lines with six names of settings: what reading every file costs at least. nixtune
runs twice as two programs, once looking at everything (`--no-cache`) and once with nothing changed
since it looked. The programs take turns, and the medians of whole processes are compared. What is
not installed is left out.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 15
NAMES = [
    "max-jobs",
    "substituters",
    "trusted-public-keys",
    "auto-optimise-store",
    "min-free",
    "experimental-features",
]


def timed(command, environment):
    """Seconds on the clock, and on processors, of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    nixtune, folders = sys.argv[1], sys.argv[2:]
    patterns = [part for name in NAMES for part in ("-e", name)]
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        commands = {
            "rg -c": ["rg", "-c", *patterns, *folders],
            "deadnix": ["deadnix", *folders],
            "nixtune lint --no-cache": [nixtune, "lint", "--no-cache", *folders],
            "nixtune lint, unchanged": [nixtune, "lint", *folders],
        }
        commands = {name: command for name, command in commands.items() if shutil.which(command[0])}
        times = {name: [] for name in commands}
        for turn in range(RUNS + 1):
            for name, command in commands.items():
                measured = timed(command, environment)
                # The first turn fills caches, the system's and nixtune's.
                if turn > 0:
                    times[name].append(measured)
    walls = {name: statistics.median(wall for wall, _ in runs) for name, runs in times.items()}
    base = walls.get("rg -c")
    for name, runs in times.items():
        ratio = f"{walls[name] / base:6.2f} x rg" if base else ""
        cpu = statistics.median(cpu for _, cpu in runs)
        print(f"{name:26} {walls[name] * 1000:8.1f} ms  {cpu * 1000:8.1f} ms of CPU  {ratio}")


if __name__ == "__main__":
    main()
