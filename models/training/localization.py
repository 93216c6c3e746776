"""Weak localization: regions of an activation map, and their figures as in ChestX-ray8 (Wang et al., 2017)."""

import cv2
import numpy as np

from metrics import areas, intersections

# Maps are enlarged bilinearly to this size before they are cut at the threshold.
MAP_SIZE = 256
SMALLEST_SHARE = 0.002
OVERLAPS = (0.1, 0.2, 0.3, 0.4, 0.5)


def map_regions(activation: np.ndarray, threshold: float) -> np.ndarray:
    """Bounding boxes [n, 4], fractions of the image, of the connected parts of a map that reach the threshold."""
    large = cv2.resize(activation.astype(np.float32), (MAP_SIZE, MAP_SIZE), interpolation=cv2.INTER_LINEAR)
    count, _, parts, _ = cv2.connectedComponentsWithStats((large >= threshold).astype(np.uint8), connectivity=8)
    boxes = [
        (left, top, left + width, top + height)
        for left, top, width, height, area in parts[1:count]
        if area >= SMALLEST_SHARE * MAP_SIZE**2
    ]
    return np.array(boxes, float).reshape(-1, 4) / MAP_SIZE


def localization_table(truth: list[np.ndarray], regions: list[np.ndarray]) -> dict[str, dict[str, list[float]]]:
    """Accuracy by box and false regions an image at each overlap, over images that have boxes.

    IoBB is the intersection over the region's own area.
    """
    table = {"IoU": {"accuracy": [], "falseRegions": []}, "IoBB": {"accuracy": [], "falseRegions": []}}
    pairs = [(boxes, found) for boxes, found in zip(truth, regions) if len(boxes)]
    total = sum(len(boxes) for boxes, _ in pairs)
    for overlap in OVERLAPS:
        hit, false = {"IoU": 0, "IoBB": 0}, {"IoU": 0, "IoBB": 0}
        for boxes, found in pairs:
            common = intersections(found, boxes)
            union = areas(found)[:, None] + areas(boxes)[None] - common
            shares = {"IoU": common / np.maximum(union, 1e-9), "IoBB": common / np.maximum(areas(found)[:, None], 1e-9)}
            for kind, share in shares.items():
                hit[kind] += int((share >= overlap).any(0).sum()) if len(found) else 0
                false[kind] += int((~(share >= overlap).any(1)).sum())
        for kind in table:
            table[kind]["accuracy"].append(round(hit[kind] / max(total, 1), 3))
            table[kind]["falseRegions"].append(round(false[kind] / max(len(pairs), 1), 3))
    return table


def pointing_game(truth: list[np.ndarray], maps: np.ndarray) -> float:
    """Share of images with boxes whose strongest cell's centre lies in a box."""
    hits = []
    for boxes, activation in zip(truth, maps):
        if len(boxes):
            row, column = np.unravel_index(activation.argmax(), activation.shape)
            y, x = (row + 0.5) / activation.shape[0], (column + 0.5) / activation.shape[1]
            hits.append(((boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])).any())
    return float(np.mean(hits))


def best_map_threshold(truth: list[np.ndarray], maps: np.ndarray) -> float:
    """The threshold with the most boxes met at IoU 0.3, a false region costs half of what a box gains."""
    best = (-np.inf, 0.5)
    for threshold in np.arange(0.3, 0.99, 0.03):
        table = localization_table(truth, [map_regions(m, threshold) for m in maps])["IoU"]
        boxes = np.mean([len(b) for b in truth if len(b)])
        gain = table["accuracy"][2] * boxes - 0.5 * table["falseRegions"][2]
        best = max(best, (gain, round(float(threshold), 2)))
    return best[1]
