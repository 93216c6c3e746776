"""The prepared data set: `index.json` (one record an image) and `images.bin` (their encoded bytes, one after another).

A record has id, source, patient, split, offset, length; opacity (1, 0, or null when nobody said);
boxes (a list, empty for an image without opacities, or null when they are not known); lung (one box or null).
"""

import json
from pathlib import Path

import cv2
import numpy as np
import torch

from preprocess import normalize

SIZE = 256
MAXIMUM_BOXES = 8


def read_index(folder: Path) -> list[dict]:
    return json.loads((folder / "index.json").read_text())


def read_images(folder: Path, records: list[dict]) -> np.ndarray:
    """The pixels of some records, uint8 [n, 256, 256]."""
    images = np.empty((len(records), SIZE, SIZE), np.uint8)
    with open(folder / "images.bin", "rb") as file:
        for position, record in enumerate(records):
            file.seek(record["offset"])
            data = np.frombuffer(file.read(record["length"]), np.uint8)
            images[position] = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    return images


class Radiographs:
    """Normalized images and labels of some records as tensors on one device; unknown labels are -1.

    `noisy` is the weight of an image label of sources other than SIIM.
    """

    def __init__(self, folder: Path, records: list[dict], intensity: dict, device: torch.device, noisy: float = 1.0):
        self.records = records
        count = len(records)
        pixels = read_images(folder, records)
        images = np.empty(pixels.shape, np.float16)
        for position, image in enumerate(pixels):
            images[position] = normalize(image.astype(np.float32) / 255, intensity)
        self.images = torch.from_numpy(images).to(device)
        boxes = torch.zeros(count, MAXIMUM_BOXES, 4)
        present = torch.zeros(count, MAXIMUM_BOXES, dtype=torch.bool)
        lung = torch.full((count, 4), -1.0)
        for position, record in enumerate(records):
            for number, box in enumerate((record["boxes"] or [])[:MAXIMUM_BOXES]):
                boxes[position, number] = torch.tensor(box)
                present[position, number] = True
            if record["lung"]:
                lung[position] = torch.tensor(record["lung"])
        unknown = [-1 if record["opacity"] is None else record["opacity"] for record in records]
        self.boxes, self.present, self.lung = boxes.to(device), present.to(device), lung.to(device)
        self.opacity = torch.tensor(unknown, dtype=torch.float32, device=device)
        weights = [record.get("weight", 1.0 if record["source"] == "siim" else noisy) for record in records]
        self.weight = torch.tensor(weights, dtype=torch.float32, device=device)
        self.has_boxes = torch.tensor([r["boxes"] is not None for r in records], device=device)

    def __len__(self) -> int:
        return len(self.records)

    def batch(self, positions: torch.Tensor) -> dict[str, torch.Tensor]:
        """Some images as float [n, 1, 256, 256] of 0..1 with their labels."""
        return {
            "image": self.images[positions].unsqueeze(1).float(),
            "boxes": self.boxes[positions],
            "present": self.present[positions],
            "lung": self.lung[positions],
            "opacity": self.opacity[positions],
            "weight": self.weight[positions],
            "has_boxes": self.has_boxes[positions],
        }
