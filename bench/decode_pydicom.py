"""usage: decode_pydicom.py REPEATS FILE…: median milliseconds from file to pixel array, as JSON by path; null when it cannot."""

import json
import statistics
import sys
import time

import pydicom


def milliseconds(path):
    started = time.perf_counter()
    pydicom.dcmread(path).pixel_array
    return (time.perf_counter() - started) * 1000


def median(path, repeats):
    try:
        return statistics.median(milliseconds(path) for _ in range(repeats))
    except (RuntimeError, NotImplementedError, AttributeError):
        return None


repeats = int(sys.argv[1])
print(json.dumps({path: median(path, repeats) for path in sys.argv[2:]}))
