"""Judges a network on the validation split and on whatever it has not been trained on."""

from pathlib import Path

import numpy as np
import torch

from dataset import Radiographs
from metrics import auroc, froc, suppress
from network import OpacityNetwork, decode_marks

NMS_IOU = 0.4
MAXIMUM_MARKS = 12
_cache: dict[str, Radiographs] = {}


@torch.no_grad()
def predict(network: OpacityNetwork, images: Radiographs, batch: int = 64) -> dict[str, np.ndarray]:
    """Raw outputs for all images: image, map_image and mark logits, boxes, activation maps."""
    parts: dict[str, list] = {}
    device = images.images.device
    for start in range(0, len(images), batch):
        positions = torch.arange(start, min(start + batch, len(images)), device=device)
        image = images.batch(positions)["image"].contiguous(memory_format=torch.channels_last)
        output = network(image)
        boxes, marks = decode_marks(output)
        found = {"image": output["image"][:, 0], "map_image": output["map_image"][:, 0], "boxes": boxes,
                 "marks": marks, "map": output["map"][:, 0]}
        for name, value in found.items():
            parts.setdefault(name, []).append(value.float().cpu().numpy())
    return {name: np.concatenate(values) for name, values in parts.items()}


def suppressed_marks(found: dict[str, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    kept = []
    for boxes, scores in zip(found["boxes"], found["marks"]):
        chosen = suppress(boxes, scores, NMS_IOU, MAXIMUM_MARKS)
        kept.append((boxes[chosen], scores[chosen]))
    return kept


def image_scores(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """One number an image from each head, and sums in which each head has the same spread."""
    mark = found["marks"].max(1)
    scores = {"global": found["image"], "mark": mark, "map": found["map_image"]}
    even = {name: score / score.std() for name, score in scores.items()}
    return {**scores, "mark+map": even["mark"] + even["map"], "all": even["mark"] + even["map"] + even["global"]}


def is_held_out(record: dict) -> bool:
    """One half of the second hospital's patients, for measuring what the other half gives."""
    return record["source"] == "nih" and int(record["patient"].split("-")[1]) % 2 == 1


def judge(network, data: Path, index: list[dict], intensity: dict, device, trained: set[str]) -> dict:
    """AUROC of each head and FROC on SIIM's validation split; AUROC on other sources' images, less those trained on."""
    groups = {"val": [r for r in index if r["split"] == "val"]}
    extra = [r for r in index if r["source"] == "nih" and r["id"] not in trained]
    for name, chosen in (("nih", extra), ("nih held", [r for r in extra if is_held_out(r)])):
        if chosen:
            groups[name] = chosen
    normal = [r for r in index if r["source"] == "openist"]
    positive = [r for r in index if r["source"] == "hannover"]
    if normal and positive:
        groups["elsewhere"] = normal + positive
    figures: dict = {}
    for name, records in groups.items():
        if name not in _cache:
            _cache[name] = Radiographs(data, records, intensity, device)
        images = _cache[name]
        found = predict(network, images)
        labels = np.array([record["opacity"] for record in records])
        figures[name] = {key: round(auroc(labels, value), 4) for key, value in image_scores(found).items()}
        if name.startswith("nih"):
            views = np.array([record["view"] for record in records])
            figures[f"{name} within view"] = {
                view: {key: round(auroc(labels[views == view], value[views == view]), 4)
                       for key, value in image_scores(found).items()}
                for view in ("AP", "PA")
            }
        if name == "val":
            truth = [np.array(record["boxes"], float).reshape(-1, 4) for record in records]
            marks = suppressed_marks(found)
            figures["froc40"] = [round(value, 3) for value in froc(truth, marks, 0.4)]
            figures["froc20"] = [round(value, 3) for value in froc(truth, marks, 0.2)]
    return figures
