"""What a derive of value, gradient and Hessian takes on clusters larger than any it was measured on.

Prints a Markdown table. Every constant was measured on two cores by the command beside it, but for what is assumed of
executors and network.
"""

import math

MULTIPLY_ADD = 0.024e-9  # s of a core, of large matrix products         deploy/bench job --json --case tiles: 2 limit_ms / 1e12
READ = 25e-9  # s of a core, per number read and used at P = 50           deploy/bench job --json --case scan-parquet: 2 ours_ms / 5e7
ENGINE = 2.0  # the engine's time over that of its matrix products         deploy/bench job --json --case tiles, with HAND_ON
HAND_ON = 0.4e-6  # s of a core, per sum handed on, merged and written     the rest of ours_ms there, over 5.3e7 sums
TASK = 0.05  # s of a core, to plan and start a task                       assumed

PARTITION = 64 << 20  # bytes, input.partition-size
FAN_IN = 16  # partial sums merged by one node of the tree
RUN = 1 << 16  # samples of a task that sums tiles
GROUP = 1 << 23  # numbers of a task that sums tiles

CORES = 4  # assumed of an executor
HEAP = 16 << 30  # bytes, assumed
NETWORK = 1.25e9  # bytes a second, assumed: 10 Gbit/s


def seconds(value):
    return f"{value:,.0f} s" if value < 600 else f"{value / 60:,.0f} min" if value < 36_000 else f"{value / 3600:,.0f} h"


def size(value):
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000:
            return f"{value:,.0f} {unit}"
        value /= 1000
    return f"{value:,.0f} PB"


def derive(samples, width, order, executors):
    cores = executors * CORES
    packed = order * (order + 1) / 2
    sums = 16 * packed
    partitions = math.ceil(8 * samples * width / PARTITION)
    compute = ENGINE * samples * packed * MULTIPLY_ADD
    read = samples * width * READ
    tiled = order > 4096 or 2 * CORES * sums > 7 / 8 * HEAP
    if tiled:
        runs = max(1, samples // RUN)
        tasks = runs * math.ceil(packed / GROUP)
        handed = runs * packed
        depth, driver = 1, 8 * order
    else:
        tasks = partitions
        handed = partitions * packed
        depth = max(1, math.ceil(math.log(partitions, FAN_IN)))
        driver = sums * (FAN_IN if depth > 1 else partitions)
    shuffled = 16 * handed if partitions > FAN_IN or tiled else 0
    waves = math.ceil(tasks / cores) * cores / tasks
    total = waves * (compute + read + HAND_ON * handed + TASK * tasks) / cores + shuffled / (executors * NETWORK)
    # The last nodes of the tree merge one after the other, each in one task.
    total += 0 if tiled else depth * FAN_IN * packed * HAND_ON
    return ("tiles" if tiled else f"tree of {depth}"), tasks, shuffled, driver, total


print("| samples x width | P | sums by | executors | tasks | shuffled | to the driver | time |")
print("| --- | --- | --- | --- | --- | --- | --- | --- |")
for samples, width, order in ((10**9, 100, 100), (10**9, 100, 1000), (10**8, 1000, 10_000), (10**7, 10_000, 100_000)):
    for executors in (10, 100, 1000):
        by, tasks, shuffled, driver, total = derive(samples, width, order, executors)
        print(
            f"| {samples:,} x {width:,} | {order:,} | {by} | {executors:,} | {tasks:,} | {size(shuffled)} |"
            f" {size(driver)} | {seconds(total)} |"
        )
