"""From a radiograph of the model's rows and columns, values 0..1, to the network's input.

This is what `input.intensity` of the manifest means; whoever runs the model repeats it to the letter.
All sums are in double precision, the result is float32.
"""

import numpy as np

BINS = 256


def percentile_window(image: np.ndarray, low: float, high: float) -> np.ndarray:
    """Stretches linearly so that the low percentile becomes 0 and the high one 1; clips.

    A percentile p of n values is the sorted value at index floor(p / 100 * (n - 1) + 0.5). An image
    without a spread becomes 0.
    """
    places = [int(np.floor(p / 100 * (image.size - 1) + 0.5)) for p in (low, high)]
    bottom, top = (float(value) for value in np.partition(image, places, axis=None)[places])
    if top <= bottom:
        return np.zeros_like(image, dtype=np.float32)
    return np.clip((image.astype(np.float64) - bottom) / (top - bottom), 0, 1).astype(np.float32)


def equalize(image: np.ndarray) -> np.ndarray:
    """Histogram equalization over 256 equal bins of 0..1, linear within a bin.

    With bin b = min(255, floor(256 v)), counts n_b and N values in all, a value v becomes
    (n_0 + ... + n_(b-1) + (256 v - b) * n_b) / N.
    """
    scaled = np.clip(image.astype(np.float64), 0, 1) * BINS
    bins = np.minimum(scaled.astype(np.int64), BINS - 1)
    counts = np.bincount(bins.ravel(), minlength=BINS)
    below = np.cumsum(counts) - counts
    return ((below[bins] + (scaled - bins) * counts[bins]) / image.size).astype(np.float32)


def normalize(image: np.ndarray, intensity: dict) -> np.ndarray:
    """Applies the manifest's `input.intensity` to an image [rows, columns] of 0..1."""
    kind = intensity["kind"]
    if kind == "voi":
        return image.astype(np.float32)
    if kind == "percentile":
        return percentile_window(image, intensity["low"], intensity["high"])
    if kind == "equalize":
        return equalize(image)
    raise ValueError(f"input.intensity.kind: {kind!r} is none of voi, percentile, equalize")
