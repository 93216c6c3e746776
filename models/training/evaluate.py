"""Judges a model package on one split with ONNX Runtime; writes figures as JSON and as Markdown tables."""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime

from dataset import read_images, read_index
from localization import OVERLAPS, localization_table, map_regions, pointing_game
from metrics import FALSE_MARKS, auroc, bootstrap, froc, froc_of_draws, suppress
from preprocess import normalize

OUTPUTS = ["score", "boxes", "box_scores", "activation_map"]
LOWEST_MARK = 0.01


def run_package(folder: Path, manifest: dict, data: Path, records: list[dict]) -> dict[str, np.ndarray]:
    """Every output of the package for all records, one image at a time as the node does it."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(folder / manifest["weights"]["file"], settings, providers=["CPUExecutionProvider"])
    parts: dict[str, list[np.ndarray]] = {name: [] for name in OUTPUTS}
    for number, image in enumerate(read_images(data, records)):
        pixels = normalize(image.astype(np.float32) / 255, manifest["input"]["intensity"])
        for name, value in zip(OUTPUTS, session.run(OUTPUTS, {"image": pixels[None, None]})):
            parts[name].append(value[0])
        if number % 200 == 199:
            print(f"{number + 1} of {len(records)} images", flush=True)
    return {name: np.stack(values) for name, values in parts.items()}


def output_of(manifest: dict, kind: str) -> dict:
    return next(output for output in manifest["outputs"] if output["kind"] == kind)


def kept_marks(found: dict[str, np.ndarray], manifest: dict) -> list[tuple[np.ndarray, np.ndarray]]:
    """Marks from LOWEST_MARK up after the manifest's non-maximum suppression."""
    rule = output_of(manifest, "boxes")
    marks = []
    for boxes, scores in zip(found["boxes"], found["box_scores"][..., 0]):
        boxes, scores = boxes[scores >= LOWEST_MARK], scores[scores >= LOWEST_MARK]
        chosen = suppress(boxes, scores, rule["nms"]["iou"], rule["maximum"])
        marks.append((boxes[chosen], scores[chosen]))
    return marks


def classification_figures(labels: np.ndarray, scores: np.ndarray, patients: list[str], manifest: dict) -> dict:
    if labels.min() == labels.max():
        return {"auroc": "not defined: one class only"}
    points = {}
    for name, (threshold,) in output_of(manifest, "classification")["operatingPoints"].items():
        points[name] = {
            "threshold": threshold,
            "sensitivity": round(float((scores[labels == 1] >= threshold).mean()), 3),
            "specificity": round(float((scores[labels == 0] < threshold).mean()), 3),
        }
    interval = bootstrap(patients, lambda drawn: auroc(labels[drawn], scores[drawn]))
    return {
        "auroc": round(auroc(labels, scores), 4), "interval": [round(value, 4) for value in interval],
        "brier": round(float(((scores - labels) ** 2).mean()), 4), "operatingPoints": points,
    }


def box_figures(records: list[dict], found: dict[str, np.ndarray], manifest: dict) -> dict:
    truth = [np.array(record["boxes"], float).reshape(-1, 4) for record in records]
    marks = kept_marks(found, manifest)
    maps = found["activation_map"][:, 0]
    threshold = output_of(manifest, "activation-map")["threshold"]
    patients = [record["patient"] for record in records]

    measure = froc_of_draws(truth, marks, 0.4)
    shown = output_of(manifest, "boxes")["threshold"]
    detected = [boxes[scores >= shown] for boxes, scores in marks]
    return {
        "froc": {str(iou): [round(value, 3) for value in froc(truth, marks, iou)] for iou in (0.4, 0.2)},
        "frocInterval": [round(value, 3) for value in bootstrap(patients, lambda drawn: measure(drawn)[FALSE_MARKS.index(1)])],
        "pointingGame": round(pointing_game(truth, maps), 3),
        "detected": localization_table(truth, detected),
        "weaklyLocalized": localization_table(truth, [map_regions(activation, threshold) for activation in maps]),
    }


def markdown(figures: dict) -> str:
    lines = [f"{figures['images']} images of {figures['patients']} patients", ""]
    image = figures["image"]
    lines += [f"AUROC {image['auroc']}" + (f" (95 % interval {image['interval']}), Brier {image['brier']}" if "brier" in image else "")]
    if "operatingPoints" in image:
        lines += ["", "| operating point | threshold | sensitivity | specificity |", "|---|---|---|---|"]
        lines += [f"| {name} | {p['threshold']} | {p['sensitivity']} | {p['specificity']} |" for name, p in image["operatingPoints"].items()]
    if "boxes" in figures:
        boxes = figures["boxes"]
        lines += ["", "| FROC sensitivity at false marks an image | " + " | ".join(map(str, FALSE_MARKS)) + " |", "|---" * 7 + "|"]
        lines += [f"| IoU {iou} | " + " | ".join(map(str, values)) + " |" for iou, values in boxes["froc"].items()]
        lines += ["", f"At 1 false mark, IoU 0.4: 95 % interval {boxes['frocInterval']}. Pointing game of the map: {boxes['pointingGame']}", ""]
        lines += ["| accuracy by box (false regions an image) at | " + " | ".join(map(str, OVERLAPS)) + " |", "|---" * 6 + "|"]
        for name, title in (("detected", "detector"), ("weaklyLocalized", "activation map")):
            for kind, row in boxes[name].items():
                cells = [f"{a} ({f})" for a, f in zip(row["accuracy"], row["falseRegions"])]
                lines.append(f"| {title}, T({kind}) | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--package", type=Path, required=True, help="folder with manifest.json and model.onnx")
    parser.add_argument("--split", default="val", help="val, test, extra or judge")
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write; Markdown goes beside it")
    options = parser.parse_args()

    manifest = json.loads((options.package / "manifest.json").read_text())
    records = [record for record in read_index(options.data) if record["split"] == options.split]
    if not records:
        parser.error(f"{options.data}: no image is in split {options.split!r}")
    found = run_package(options.package, manifest, options.data, records)
    labels = np.array([record["opacity"] for record in records])
    patients = [record["patient"] for record in records]
    figures = {"package": manifest["version"], "sha256": manifest["weights"]["sha256"], "split": options.split,
               "images": len(records), "patients": len(set(patients)),
               "image": classification_figures(labels, found["score"][:, 0], patients, manifest)}
    if all(record["boxes"] is not None for record in records):
        figures["boxes"] = box_figures(records, found, manifest)
    options.out.write_text(json.dumps(figures, indent=2) + "\n")
    text = markdown(figures)
    options.out.with_suffix(".md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
