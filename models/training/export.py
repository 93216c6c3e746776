"""Writes a model package, model.onnx and manifest.json, and compares ONNX Runtime with torch on real images."""

import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from dataset import SIZE, Radiographs, read_index
from network import load_network
from package import PackagedNetwork

OUTPUTS = ["score", "boxes", "box_scores", "activation_map"]
OPSET = 17
SEEN = 0.02
LABEL = "Lung Opacity"


def write_onnx(packaged: PackagedNetwork, path: Path) -> None:
    names = ["image", *OUTPUTS]
    torch.onnx.export(
        packaged, (torch.zeros(1, 1, SIZE, SIZE),), str(path), dynamo=False, opset_version=OPSET,
        input_names=["image"], output_names=OUTPUTS, dynamic_axes={name: {0: "N"} for name in names},
    )
    onnx.checker.check_model(onnx.load(path), full_check=True)


def parity(packaged: PackagedNetwork, session: onnxruntime.InferenceSession, images: Radiographs) -> dict[str, float]:
    """Largest absolute difference of each output between torch and ONNX Runtime, one image at a time.

    Boxes are compared where their score is over SEEN: cells that are no peak tie, in no fixed order.
    """
    worst = dict.fromkeys(OUTPUTS, 0.0)
    for position in range(len(images)):
        image = images.batch(torch.tensor([position]))["image"]
        with torch.no_grad():
            expected = packaged(image)
        seen = expected[2].numpy() > SEEN
        for name, mine, theirs in zip(OUTPUTS, session.run(OUTPUTS, {"image": image.numpy()}), expected):
            difference = np.abs(mine - theirs.numpy()) * (seen if name == "boxes" else 1)
            worst[name] = max(worst[name], float(difference.max()))
    return worst


def manifest(weights: Path, intensity: dict, calibration: dict, version: str) -> dict:
    return {
        "$schema": "../manifest.schema.json",
        "name": "hilum-opacity", "version": version, "status": "RESEARCH",
        "title": "Lung opacity on frontal chest radiographs",
        "manufacturer": "Hilum",
        "licence": "Non-commercial research only: trained on SIIM-FISABIO-RSNA COVID-19 images (BIMCV-COVID19, RICORD)",
        "intendedUse": "Research on finding and placing lung opacities on frontal chest radiographs",
        "notFor": [
            "diagnosis, triage or any other decision about a patient",
            "commercial use",
            "infants (under 2 years are refused), lateral views, anything but the chest",
            "telling causes of an opacity apart, or ruling out disease",
        ],
        "weights": {"file": weights.name, "sha256": hashlib.sha256(weights.read_bytes()).hexdigest()},
        "eligibility": {"modalities": ["CR", "DX"], "bodyParts": ["CHEST"], "views": ["PA", "AP"], "minimumAgeYears": 2},
        "input": {
            "tensor": "image", "layout": "NCHW", "rows": SIZE, "columns": SIZE, "channels": 1, "aspect": "squash",
            "intensity": intensity, "mean": [0], "deviation": [1],
        },
        "outputs": [
            {"kind": "classification", "tensor": "score", "labels": [LABEL], "activation": "none",
             "calibration": "platt", "operatingPoints": calibration["operatingPoints"], "defaultOperatingPoint": "balanced"},
            {"kind": "boxes", "tensor": "boxes", "scoresTensor": "box_scores", "labels": [LABEL], "format": "ltrb",
             "space": "normalized", "nms": {"kind": "hard", "iou": 0.4},
             "threshold": calibration["boxes"]["threshold"], "maximum": 12},
            {"kind": "activation-map", "tensor": "activation_map", "labels": [LABEL], "activation": "none",
             "threshold": calibration["map"]["threshold"], "method": "cam"},
        ],
        "findings": [
            {"label": LABEL, "code": {"value": "112001", "scheme": "DCM", "meaning": "Opacity"},
             "site": {"value": "39607008", "scheme": "SCT", "meaning": "Lung"}, "urgency": "MEDIUM",
             "region": ["boxes", "activation-map"]},
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--model", type=Path, required=True, help="model.pt of train.py")
    parser.add_argument("--calibration", type=Path, required=True, help="calibration.json of calibrate.py")
    parser.add_argument("--version", required=True, help="version of the package, as 0.1.0")
    parser.add_argument("--out", type=Path, required=True, help="folder of the package")
    parser.add_argument("--images", type=int, default=64, help="validation images to compare on")
    options = parser.parse_args()

    network, intensity = load_network(options.model)
    calibration = json.loads(options.calibration.read_text())
    packaged = PackagedNetwork(network, calibration).eval()
    options.out.mkdir(parents=True, exist_ok=True)
    weights = options.out / "model.onnx"
    write_onnx(packaged, weights)

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(weights, settings, providers=["CPUExecutionProvider"])
    records = [record for record in read_index(options.data) if record["split"] == "val"][: options.images]
    images = Radiographs(options.data, records, intensity, torch.device("cpu"))
    worst = parity(packaged, session, images)
    print(f"largest difference to torch on {len(records)} images:", json.dumps(worst))
    if max(worst.values()) > 1e-3:
        raise SystemExit("ONNX Runtime and torch disagree by more than 1e-3")
    feed, times = {"image": images.batch(torch.tensor([0]))["image"].numpy()}, []
    for _ in range(30):
        started = time.perf_counter()
        session.run(OUTPUTS, feed)
        times.append(1000 * (time.perf_counter() - started))
    print(f"forward pass, two threads: median {np.median(times):.1f} ms; {weights.stat().st_size / 1e6:.1f} MB")
    text = json.dumps(manifest(weights, intensity, calibration, options.version), indent=2)
    (options.out / "manifest.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
