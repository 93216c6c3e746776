"""Figures of merit in numpy: ROC, FROC, weak localization. Boxes are left, top, right, bottom."""

import numpy as np

FALSE_MARKS = (0.125, 0.25, 0.5, 1, 2, 4)


def auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half; nan when a class is empty."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def bootstrap(patients: list[str], measure, draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """95 % interval of `measure(image positions)` over draws of whole patients."""
    groups: dict[str, list[int]] = {}
    for position, patient in enumerate(patients):
        groups.setdefault(patient, []).append(position)
    members = [np.array(group) for group in groups.values()]
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        drawn = generator.integers(0, len(members), len(members))
        values.append(measure(np.concatenate([members[number] for number in drawn])))
    return tuple(float(value) for value in np.nanpercentile(values, [2.5, 97.5]))


def iou_matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """IoU of boxes [n, 4] and [m, 4] as [n, m]."""
    common = intersections(a, b)
    return common / np.maximum(areas(a)[:, None] + areas(b)[None] - common, 1e-9)


def areas(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def intersections(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.prod(np.clip(high - low, 0, None), axis=2)


def suppress(boxes: np.ndarray, scores: np.ndarray, iou: float, maximum: int) -> np.ndarray:
    """Positions of the boxes that hard non-maximum suppression keeps, best first."""
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(order) and len(kept) < maximum:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        order = rest[iou_matrix(boxes[best : best + 1], boxes[rest])[0] <= iou]
    return np.array(kept, dtype=int)


def match_marks(truth: list[np.ndarray], marks: list[tuple[np.ndarray, np.ndarray]], iou: float):
    """Score and hit of every mark of all images, best first within an image; a box can be hit once."""
    scores, hits, images = [], [], []
    for number, (boxes, (marked, score)) in enumerate(zip(truth, marks)):
        free = np.ones(len(boxes), dtype=bool)
        overlaps = iou_matrix(marked, boxes) if len(boxes) else None
        for position in np.argsort(-score, kind="stable"):
            hit = False
            if overlaps is not None:
                candidates = np.where(free, overlaps[position], 0)
                best = int(candidates.argmax())
                hit = bool(candidates[best] >= iou)
                free[best] &= not hit
            scores.append(score[position])
            hits.append(hit)
            images.append(number)
    return np.array(scores), np.array(hits, dtype=bool), np.array(images, dtype=int)


def froc(truth: list[np.ndarray], marks: list[tuple[np.ndarray, np.ndarray]], iou: float) -> list[float]:
    """Sensitivity by box at each of FALSE_MARKS false marks an image, over all images."""
    return froc_of_draws(truth, marks, iou)(np.arange(len(truth)))


def froc_of_draws(truth: list[np.ndarray], marks: list[tuple[np.ndarray, np.ndarray]], iou: float):
    """Matches once; gives a function from image positions, repeats allowed, to what `froc` says of them."""
    boxes = np.array([len(found) for found in truth])
    scores, hits, images = match_marks(truth, marks, iou)
    order = np.argsort(-scores, kind="stable")
    hits, images = hits[order], images[order]

    def measure(drawn: np.ndarray) -> list[float]:
        times = np.bincount(drawn, minlength=len(truth))
        weight = times[images]
        false_marks = np.cumsum(weight * ~hits) / len(drawn)
        found = np.concatenate([[0], np.cumsum(weight * hits)]) / max((times * boxes).sum(), 1)
        return [float(found[np.searchsorted(false_marks, level, side="right")]) for level in FALSE_MARKS]

    return measure
