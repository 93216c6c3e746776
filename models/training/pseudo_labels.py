"""Labels for images without boxes, from several trained networks: writes pseudo.json for `train.py --pseudo`.

Networks and their mirror images are averaged map by map. Marks over the threshold with the best F1 on the
validation split become boxes; the averaged image probability becomes a soft image label.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

from calibrate import best_f1_threshold
from dataset import Radiographs, read_index
from judge import image_scores, predict, suppressed_marks
from metrics import auroc, froc, match_marks
from network import load_network

# Below this probability an image without marks is taken to have no opacity.
CLEAR = 0.2


class Committee(nn.Module):
    """The mean of several networks' outputs for an image and its mirror image."""

    def __init__(self, networks: list[nn.Module]):
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        outputs = [network(image) for network in self.networks]
        outputs += [mirrored(network(image.flip(3))) for network in self.networks]
        return {name: torch.stack([output[name] for output in outputs]).mean(0) for name in outputs[0]}


def mirrored(output: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Maps turned back; left and right distances change places."""
    turned = {name: value.flip(3) if value.dim() == 4 else value for name, value in output.items()}
    turned["distances"] = turned["distances"][:, [2, 1, 0, 3]]
    return turned


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def needs_labels(record: dict, replaced: list[str]) -> bool:
    if record["split"] == "extra" and record["source"] in replaced:
        return True
    return record["split"] in ("unlabelled", "dropped") or (record["split"] == "extra" and record["opacity"] == 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--models", type=Path, nargs="+", required=True, help="model.pt files of train.py")
    parser.add_argument("--out", type=Path, required=True, help="pseudo.json to write")
    parser.add_argument("--replace", nargs="*", default=[], help="sources whose own image labels are replaced, too")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()

    device = torch.device(options.device)
    loaded = [load_network(path) for path in options.models]
    intensity = loaded[0][1]
    committee = Committee([network for network, _ in loaded]).eval().to(device)
    index = read_index(options.data)

    records = [record for record in index if record["split"] == "val"]
    found = predict(committee, Radiographs(options.data, records, intensity, device))
    truth = [np.array(record["boxes"], float).reshape(-1, 4) for record in records]
    marks = suppressed_marks(found)
    scores, hits, _ = match_marks(truth, marks, 0.4)
    threshold = best_f1_threshold(scores, hits, sum(len(boxes) for boxes in truth))
    labels = np.array([record["opacity"] for record in records])
    figures = {name: round(auroc(labels, value), 4) for name, value in image_scores(found).items()}
    print("validation:", figures, "FROC", [round(value, 3) for value in froc(truth, marks, 0.4)], flush=True)

    records = [record for record in index if needs_labels(record, options.replace)]
    found = predict(committee, Radiographs(options.data, records, intensity, device))
    probabilities = (sigmoid(found["image"]) + sigmoid(found["map_image"])) / 2
    pseudo = {}
    for record, probability, (boxes, scores) in zip(records, probabilities.tolist(), suppressed_marks(found)):
        chosen = boxes[scores >= threshold]
        label = {"boxes": [[round(float(side), 5) for side in box] for box in chosen] or None}
        if record["opacity"] is None or record["source"] in options.replace:
            label.update({"opacity": round(probability, 4), "soft": True})
            if not len(chosen) and probability < CLEAR:
                label["boxes"] = []
        pseudo[record["id"]] = label
    options.out.write_text(json.dumps(pseudo))
    boxed = sum(bool(label["boxes"]) for label in pseudo.values())
    clear = sum(label["boxes"] == [] for label in pseudo.values())
    print(f"{len(pseudo)} images: {boxed} with boxes, {clear} without an opacity, the rest with an image label alone")


if __name__ == "__main__":
    main()
