"""What all contestants in Python share: their arrays, and the lines that they exchange with the referee.

A contestant is started as `python NAME.py FOLDER MODEL [VARIANT]`, prints `{"ready": versions}`, and answers each line
`{"command": ..., "count": ...}` on its standard input with a line of JSON. An exception becomes `{"error": text}`.
"""

import json
import os
import resource
import sys
import time
import traceback

import numpy as np


def resident():
    """Bytes that the process has in memory; None where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="utf8") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except OSError:
        return None


# This module is imported last, after the libraries.
imported = resident()


class Arrays:
    """The batch and the weights that every contestant has."""

    def __init__(self, folder):
        with open(os.path.join(folder, "manifest.json"), encoding="utf8") as file:
            manifest = json.load(file)
        self.batch = manifest["batch"]
        raw = np.fromfile(os.path.join(folder, "arrays.bin"), dtype=np.uint8)

        def array(place):
            count = int(np.prod(place["shape"], dtype=np.int64))
            part = raw[place["offset"] : place["offset"] + 4 * count]
            return part.view(place["dtype"]).reshape(place["shape"]).copy()

        self.all_x, self.all_y = array(manifest["x"]), array(manifest["y"])
        self.x, self.y = self.all_x[: self.batch], self.all_y[: self.batch]
        self.weights = {name: [array(one) for one in places] for name, places in manifest["weights"].items()}


def timed(step, count):
    """Milliseconds of each of `count` calls, and what the last one returned."""
    times, loss = [], None
    for _ in range(count):
        start = time.perf_counter()
        loss = step()
        times.append((time.perf_counter() - start) * 1000)
    return {"ms": times, "loss": loss}


def memory(_):
    """Bytes by which the peak of the process's memory is above what it had with its libraries loaded."""
    return {"bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - imported}


def serve(versions, commands):
    """Answers the referee until it hangs up. `commands`: functions of a count, by name."""
    # Whatever a library prints must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    commands = {"memory": memory, **commands}
    answer({"ready": versions})
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer(commands[request["command"]](request["count"]))
        except Exception as error:  # The referee reports it beside the other contestants' numbers.
            traceback.print_exc()
            answer({"error": f"{type(error).__name__}: {error}"})
