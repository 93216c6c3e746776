"""Fits on the validation split what turns raw outputs into probabilities, and the thresholds; writes calibration.json."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from dataset import Radiographs, read_index
from judge import image_scores, predict, suppressed_marks
from localization import best_map_threshold
from metrics import auroc, match_marks
from network import load_network

FUSED = ("global", "mark", "map")


def platt(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the logistic curve through logits and labels."""
    fit = LogisticRegression(C=1e6).fit(logits[:, None], labels)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def operating_points(labels: np.ndarray, scores: np.ndarray) -> dict[str, list[float]]:
    """Thresholds: highest with sensitivity 0.95, largest Youden index, lowest with specificity 0.95."""
    thresholds = np.unique(np.round(scores, 3))
    sensitivity = np.array([(scores[labels == 1] >= t).mean() for t in thresholds])
    specificity = np.array([(scores[labels == 0] < t).mean() for t in thresholds])
    return {
        "sensitive": [round(float(thresholds[np.where(sensitivity >= 0.95)[0].max()]), 3)],
        "balanced": [round(float(thresholds[(sensitivity + specificity).argmax()]), 3)],
        "specific": [round(float(thresholds[np.where(specificity >= 0.95)[0].min()]), 3)],
    }


def best_f1_threshold(scores: np.ndarray, hits: np.ndarray, boxes: int) -> float:
    order = np.argsort(-scores)
    found = np.cumsum(hits[order])
    f1 = 2 * found / (np.arange(len(order)) + 1 + boxes)
    return float(scores[order][f1.argmax()])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--model", type=Path, required=True, help="model.pt of train.py")
    parser.add_argument("--out", type=Path, required=True, help="calibration.json to write")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()

    device = torch.device(options.device)
    network, intensity = load_network(options.model)
    network = network.to(device)
    records = [record for record in read_index(options.data) if record["split"] == "val"]
    images = Radiographs(options.data, records, intensity, device)
    found = predict(network, images)
    labels = np.array([record["opacity"] for record in records])
    heads = image_scores(found)

    # Every head counts the same, whatever the spread of its logits: weights fitted to one hospital
    # would be that hospital's.
    weights = {name: float(1 / heads[name].std()) for name in FUSED}
    fused = sum(weights[name] * heads[name] for name in FUSED)
    slope, offset = platt(fused, labels)
    probability = 1 / (1 + np.exp(-(slope * fused + offset)))

    truth = [np.array(record["boxes"], float).reshape(-1, 4) for record in records]
    marks = suppressed_marks(found)
    scores, hits, _ = match_marks(truth, marks, 0.4)
    box_slope, box_offset = platt(scores, hits)
    map_slope, map_offset = platt(heads["map"], labels)
    maps = 1 / (1 + np.exp(-(map_slope * found["map"] + map_offset)))
    threshold = best_f1_threshold(scores, hits, sum(len(boxes) for boxes in truth))

    calibration = {
        "fusion": {"weights": weights, "slope": slope, "offset": offset},
        "boxes": {"slope": box_slope, "offset": box_offset,
                  "threshold": round(float(1 / (1 + np.exp(-(box_slope * threshold + box_offset)))), 3)},
        "map": {"slope": map_slope, "offset": map_offset, "threshold": best_map_threshold(truth, maps)},
        "operatingPoints": operating_points(labels, probability),
        "validation": {name: round(auroc(labels, value), 4) for name, value in {**heads, "fused": fused}.items()},
    }
    options.out.write_text(json.dumps(calibration, indent=2) + "\n")
    print(json.dumps(calibration, indent=2))


if __name__ == "__main__":
    main()
