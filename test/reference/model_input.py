"""What reaches the model, made with pydicom and numpy from the definitions alone: the reference for src/pipeline/infer.

usage: model_input.py JOBS.json OUT
JOBS is a list of {"file": path, "input": the manifest's input}; OUT gets one float32 file a job, N.f32, and N.json with
the time in seconds. Written for clarity: dense weight matrices, double precision, no shortcut.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pydicom

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "models" / "training"))
from preprocess import normalize  # noqa: E402  the recipe's own definition of intensity


def stored_values(dataset):
    """The stored bits of each cell (PS3.5 8.1.1): other bits masked, the sign extended."""
    raw = dataset.pixel_array.astype(np.int64) & ((1 << dataset.BitsAllocated) - 1)
    bits = dataset.BitsStored
    if dataset.file_meta.TransferSyntaxUID.is_compressed and not dataset.file_meta.TransferSyntaxUID.endswith(".5"):
        values = raw & ((1 << bits) - 1)
    else:
        values = (raw >> (dataset.HighBit + 1 - bits)) & ((1 << bits) - 1)
    return np.where(values >= 1 << (bits - 1), values - (1 << bits), values) if dataset.PixelRepresentation else values


def look_up(item, values, signed):
    count, first, bits = item.LUTDescriptor
    first = first - 65536 if signed and first > 32767 else first
    data = item.LUTData
    entries = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.asarray(data)
    entries = entries[: count or 65536].astype(np.float64)
    return entries[np.clip(np.round(values).astype(np.int64) - first, 0, len(entries) - 1)], bits


def displayed(dataset):
    """0 black to 1 white (PS3.3 C.11.1, C.11.2), padding black."""
    stored = stored_values(dataset)
    padding = np.zeros(stored.shape, bool)
    if "PixelPaddingValue" in dataset:
        ends = sorted([int(dataset.PixelPaddingValue), int(dataset.get("PixelPaddingRangeLimit", dataset.PixelPaddingValue))])
        padding = (stored >= ends[0]) & (stored <= ends[1])
    if "ModalityLUTSequence" in dataset:
        values, _ = look_up(dataset.ModalityLUTSequence[0], stored, bool(dataset.PixelRepresentation))
    else:
        slope, intercept = dataset.get("RescaleSlope"), dataset.get("RescaleIntercept")
        values = stored * float(1 if slope is None else slope) + float(0 if intercept is None else intercept)
    if "VOILUTSequence" in dataset:
        shown, bits = look_up(dataset.VOILUTSequence[0], values, bool(dataset.PixelRepresentation))
        shown = shown / (2**bits - 1)
    elif dataset.get("WindowWidth") is not None:
        center, width = first_of(dataset.WindowCenter), first_of(dataset.WindowWidth)
        function = dataset.get("VOILUTFunction", "LINEAR")
        if function == "SIGMOID":
            shown = 1 / (1 + np.exp(-4 * (values - center) / width))
        elif function == "LINEAR_EXACT":
            shown = (values - center) / width + 0.5
        else:
            shown = (values - (center - 0.5)) / (width - 1) + 0.5
    else:
        image = values[~padding]
        shown = (values - image.min()) / (image.max() - image.min())
    shown = np.clip(shown, 0, 1)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        shown = 1 - shown
    shown[padding] = 0
    return shown.astype(np.float32).astype(np.float64)


def first_of(value):
    return float(value[0]) if isinstance(value, pydicom.multival.MultiValue) else float(value)


def weights(start, stop, cells, pixels):
    """[cells, pixels]: the share of each pixel in the mean over each of `cells` equal stretches of start..stop."""
    borders = np.linspace(start, stop, cells + 1)
    pixel = np.arange(pixels)
    covered = np.minimum(borders[1:, None], pixel + 1) - np.maximum(borders[:-1, None], pixel)
    covered = np.clip(covered, 0, None)
    return covered / covered.sum(1, keepdims=True)


def aspect_of(dataset):
    for keyword in ("PixelAspectRatio", "PixelSpacing", "ImagerPixelSpacing"):
        value = dataset.get(keyword)
        if value is not None and float(value[0]) > 0 and float(value[1]) > 0:
            return float(value[0]) / float(value[1])
    return 1.0


def resampled(dataset, model):
    image = displayed(dataset)
    rows, columns = image.shape
    out_rows, out_columns = model["rows"], model["columns"]
    if model["aspect"] == "squash":
        return weights(0, rows, out_rows, rows) @ image @ weights(0, columns, out_columns, columns).T, None
    ratio = aspect_of(dataset)
    scales = out_columns / columns, out_rows / (rows * ratio)
    if model["aspect"] == "crop":
        scale = max(scales)
        width, height = min(columns, out_columns / scale), min(rows, out_rows / (scale * ratio))
        left, top = (columns - width) / 2, (rows - height) / 2
        down, across = weights(top, top + height, out_rows, rows), weights(left, left + width, out_columns, columns)
        return down @ image @ across.T, None
    scale = min(scales)
    width, height = int(np.floor(columns * scale + 0.5)), int(np.floor(rows * ratio * scale + 0.5))
    small = weights(0, rows, height, rows) @ image @ weights(0, columns, width, columns).T
    return small, ((out_rows - height) // 2, (out_columns - width) // 2)


def model_input(path, model):
    small, corner = resampled(pydicom.dcmread(path), model)
    mapped = normalize(small.astype(np.float32), model["intensity"])
    if corner is not None:
        full = np.zeros((model["rows"], model["columns"]), np.float32)
        full[corner[0] : corner[0] + mapped.shape[0], corner[1] : corner[1] + mapped.shape[1]] = mapped
        mapped = full
    channels = [(mapped - np.float32(m)) / np.float32(d) for m, d in zip(model["mean"], model["deviation"])]
    return np.stack(channels).astype("<f4")


def main():
    jobs, out = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    for number, job in enumerate(jobs):
        started = time.perf_counter()
        values = model_input(job["file"], job["input"])
        elapsed = time.perf_counter() - started
        values.tofile(out / f"{number}.f32")
        (out / f"{number}.json").write_text(json.dumps({"seconds": elapsed}))


if __name__ == "__main__":
    main()
