"""usage: decode_pydicom.py REPEATS FILE…: median milliseconds as JSON by path: [to pixels, to model input]; null when it cannot.

To model input is what one writes with pydicom and numpy: LUTs, inversion, area mean to about 256 x 256, percentiles.
"""

import json
import statistics
import sys
import time

import numpy as np
import pydicom
from pydicom.pixel_data_handlers.util import apply_modality_lut, apply_voi_lut

SIDE = 256


def to_input(dataset):
    shown = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset), dataset)
    starts = [np.linspace(0, size, SIDE, endpoint=False).astype(int) for size in shown.shape]
    sums = np.add.reduceat(np.add.reduceat(shown.astype(np.float64), starts[0], 0), starts[1], 1)
    areas = np.outer(*(np.diff(np.append(start, size)) for start, size in zip(starts, shown.shape)))
    small = sums / areas
    small = -small if dataset.PhotometricInterpretation == "MONOCHROME1" else small
    low, high = np.percentile(small, [1, 99])
    return np.clip((small - low) / max(high - low, 1e-9), 0, 1).astype(np.float32)


def milliseconds(path, work):
    started = time.perf_counter()
    work(pydicom.dcmread(path))
    return (time.perf_counter() - started) * 1000


def median(path, work, repeats):
    try:
        return statistics.median(milliseconds(path, work) for _ in range(repeats))
    except (RuntimeError, NotImplementedError, AttributeError):
        return None


repeats = int(sys.argv[1])
works = [lambda dataset: dataset.pixel_array, to_input]
print(json.dumps({path: [median(path, work, repeats) for work in works] for path in sys.argv[2:]}))
