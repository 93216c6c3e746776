"""Packs the radiographs and labels that the README names into one folder: index.json and images.bin.

SIIM's 256-pixel JPEGs are copied byte by byte. Images of any other size are squashed to 256 x 256 by area
averaging and stored as PNG. Reserved ChestX-ray14 patients are refused.
"""

import argparse
import gzip
import json
from pathlib import Path

import cv2

from dataset import SIZE


def siim_records(folder: Path, labels: Path) -> list[tuple[dict, Path]]:
    """Labelled radiographs of SIIM-FISABIO-RSNA COVID-19, and the unlabelled ones of its test folder."""
    rows = json.loads(gzip.decompress(labels.read_bytes()))
    found = []
    for row in rows:
        positive = row["label"] != "Negative for Pneumonia"
        record = {
            "id": row["id"], "source": "siim", "patient": row["patient"], "split": row["split"],
            "opacity": int(positive), "boxes": None if row["split"] == "dropped" else row["boxes"], "lung": row["lung"],
        }
        found.append((record, folder / "train" / f"{row['id']}.jpg"))
    for path in sorted((folder / "test").glob("*.jpg")):
        record = {
            "id": path.stem, "source": "siim", "patient": path.stem, "split": "unlabelled",
            "opacity": None, "boxes": None, "lung": None,
        }
        found.append((record, path))
    return found


def nih_records(folder: Path, labels: Path, reserved: Path) -> list[tuple[dict, Path]]:
    """The named images of ChestX-ray14: opacity from the text-mined labels, no boxes."""
    forbidden = {int(line) for line in reserved.read_text().split()}
    found = []
    for row in json.loads(labels.read_text()):
        if int(row["patient"]) in forbidden:
            raise SystemExit(f"{labels}: patient {row['patient']} is reserved")
        positive = row["labels"] != ["No Finding"]
        path = folder / ("Pneumonia" if positive else "No_findings") / f"{row['id']}.png"
        record = {
            "id": row["id"], "source": "nih", "patient": f"nih-{row['patient']}", "split": "extra",
            "opacity": int(positive), "boxes": None if positive else [], "lung": None, "view": row["view"],
        }
        found.append((record, path))
    return found


def folder_records(folder: Path, source: str, opacity: int) -> list[tuple[dict, Path]]:
    """A folder of radiographs of one class, for judging transfer only."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".png", ".jpg"))
    return [
        ({"id": path.stem, "source": source, "patient": f"{source}-{path.stem.split('-')[0]}", "split": "judge",
          "opacity": opacity, "boxes": None, "lung": None}, path)
        for path in paths
    ]


def encoded(path: Path) -> bytes:
    """The file itself when it is 256 x 256, else a PNG of that size."""
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise SystemExit(f"{path}: not an image")
    if image.shape == (SIZE, SIZE):
        return path.read_bytes()
    small = cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".png", small)[1].tobytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--siim", type=Path, required=True, help="folder with train/<id>.jpg and test/<id>.jpg")
    parser.add_argument("--siim-labels", type=Path, required=True, help="siim_labels.json.gz")
    parser.add_argument("--nih", type=Path, help="folder with No_findings/<id>.png and Pneumonia/<id>.png")
    parser.add_argument("--nih-labels", type=Path, help="nih_extra_labels.json")
    parser.add_argument("--reserved", type=Path, help="reserved_nih_patients.txt; needed with --nih")
    parser.add_argument("--judge", nargs=3, action="append", default=[], metavar=("NAME", "OPACITY", "DIR"),
                        help="a folder of one class (opacity 0 or 1) that is only judged, never trained on")
    parser.add_argument("--limit", type=int, help="at most so many images of each source and split (smoke runs)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    options = parser.parse_args()
    if options.nih and not (options.nih_labels and options.reserved):
        parser.error("--nih needs --nih-labels and --reserved")

    pairs = siim_records(options.siim, options.siim_labels)
    if options.nih:
        pairs += nih_records(options.nih, options.nih_labels, options.reserved)
    for name, opacity, folder in options.judge:
        pairs += folder_records(Path(folder), name, int(opacity))

    options.out.mkdir(parents=True, exist_ok=True)
    index, counts, offset = [], {}, 0
    with open(options.out / "images.bin", "wb") as file:
        for record, path in pairs:
            key = (record["source"], record["split"])
            if options.limit and counts.get(key, 0) >= options.limit:
                continue
            counts[key] = counts.get(key, 0) + 1
            data = encoded(path)
            file.write(data)
            index.append({**record, "offset": offset, "length": len(data)})
            offset += len(data)
            if len(index) % 500 == 0:
                print(f"{len(index)} of {len(pairs)} images", flush=True)
    (options.out / "index.json").write_text(json.dumps(index))
    print(f"{len(index)} images in {options.out}, {offset / 1e6:.1f} MB: " +
          ", ".join(f"{source} {split} {count}" for (source, split), count in counts.items()))


if __name__ == "__main__":
    main()
