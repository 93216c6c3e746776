"""Trains the network. Writes last.pt after each epoch (and goes on from it), best figures to log.jsonl, model.pt at the end."""

import argparse
import copy
import json
import random
import time
from pathlib import Path

import numpy as np
import torch

from augment import augment
from backbone import load_imagenet
from dataset import Radiographs, read_index
from judge import is_held_out, judge
from losses import total_loss
from network import OpacityNetwork

INTENSITIES = {
    "voi": {"kind": "voi"},
    "percentile": {"kind": "percentile", "low": 1, "high": 99},
    "equalize": {"kind": "equalize"},
}


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--weights", type=Path, help="ImageNet weights of the backbone (.pth); none: from scratch")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and log")
    parser.add_argument("--backbone", choices=["lite0", "lite1", "lite2"], default="lite2")
    parser.add_argument("--rows", type=int, default=384, help="size at which the network works (input is 256)")
    parser.add_argument("--intensity", choices=sorted(INTENSITIES), default="percentile")
    parser.add_argument("--sources", nargs="+", default=["siim", "nih"], help="whose images to train on")
    parser.add_argument("--hold-half", action="store_true", help="leave half of the NIH patients out and judge on them")
    parser.add_argument("--style", type=float, default=0.3, help="share of images whose histogram and flatness change")
    parser.add_argument("--pseudo", type=Path, help="pseudo.json of pseudo_labels.py, for images without labels")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=4e-4, help="peak rate of the backbone; heads learn five times faster")
    parser.add_argument("--decay", type=float, default=0.02, help="weight decay")
    parser.add_argument("--smoothing", type=float, default=0.05, help="label smoothing of image labels")
    parser.add_argument("--noisy", type=float, default=0.5, help="weight of text-mined image labels")
    parser.add_argument("--strongest", type=float, default=0.3, help="weight of image labels on the box head, where boxes are unknown")
    parser.add_argument("--average", type=float, default=0.998, help="decay of the averaged weights")
    parser.add_argument("--drop", type=float, default=0.15, help="stochastic depth")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layout", choices=["channels_last", "contiguous"], default="channels_last", help="of tensors in memory")
    parser.add_argument("--precision", choices=["bfloat16", "float32"], default="bfloat16", help="on a GPU; float32 on a CPU")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def choose_records(options: argparse.Namespace, index: list[dict]) -> list[dict]:
    """The training records: SIIM train and dropped, other sources' extra, and pseudo-labelled ones."""
    pseudo = json.loads(options.pseudo.read_text()) if options.pseudo else {}
    chosen = []
    for record in index:
        if options.hold_half and is_held_out(record):
            continue
        if record["source"] in options.sources and record["split"] in ("train", "dropped", "extra"):
            chosen.append({**record, **pseudo.get(record["id"], {})})
        elif record["split"] == "unlabelled" and record["id"] in pseudo:
            chosen.append({**record, **pseudo[record["id"]]})
    return chosen


def save_weights(network: OpacityNetwork, options: argparse.Namespace, path: Path) -> None:
    """Weights in half precision (buffers and vectors in full), with what is needed to build the network again."""
    state = {
        name: value.half() if value.is_floating_point() and value.dim() > 1 else value
        for name, value in network.state_dict().items()
    }
    built = {"size": options.backbone, "rows": options.rows}
    torch.save({"network": built, "intensity": INTENSITIES[options.intensity], "state": state}, path)


@torch.no_grad()
def follow(average: OpacityNetwork, network: OpacityNetwork, decay: float) -> None:
    """Moves the averaged weights towards the network's."""
    mine, theirs = list(average.state_dict().values()), list(network.state_dict().values())
    moving = [i for i, value in enumerate(mine) if value.is_floating_point()]
    torch._foreach_lerp_([mine[i] for i in moving], [theirs[i] for i in moving], 1 - decay)


def main() -> None:
    options = parse_options()
    device = torch.device(options.device)
    random.seed(options.seed)
    np.random.seed(options.seed)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)

    index = read_index(options.data)
    intensity = INTENSITIES[options.intensity]
    records = choose_records(options, index)
    own = {record["id"] for record in records if not record.get("soft")}
    train = Radiographs(options.data, records, intensity, device, options.noisy)
    network = OpacityNetwork(options.backbone, options.rows, options.drop)
    if options.weights:
        load_imagenet(network.backbone, options.weights)
    layout = torch.channels_last if options.layout == "channels_last" else torch.contiguous_format
    network = network.to(device).to(memory_format=layout)
    mixed = device.type == "cuda" and options.precision == "bfloat16"
    average = copy.deepcopy(network).eval().requires_grad_(False)

    backbone = list(network.backbone.parameters())
    heads = [value for name, value in network.named_parameters() if not name.startswith("backbone.")]
    optimizer = torch.optim.AdamW(
        [{"params": backbone}, {"params": heads}], lr=options.rate, weight_decay=options.decay, fused=device.type == "cuda"
    )
    steps_an_epoch = len(train) // options.batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=[options.rate, 5 * options.rate], total_steps=steps_an_epoch * options.epochs, pct_start=0.2
    )
    first, last = 0, options.out / "last.pt"
    if last.exists():
        saved = torch.load(last, map_location=device, weights_only=True)
        for name, part in (("network", network), ("average", average), ("optimizer", optimizer), ("schedule", schedule)):
            part.load_state_dict(saved[name])
        first = saved["epoch"]
    print(f"{len(train)} images, {steps_an_epoch} steps an epoch, from epoch {first}", flush=True)

    for epoch in range(first, options.epochs):
        torch.manual_seed(options.seed * 1000 + epoch)
        network.train()
        started, sums = time.time(), {}
        order = torch.randperm(len(train), device=device)
        for step in range(steps_an_epoch):
            batch = augment(train.batch(order[step * options.batch : (step + 1) * options.batch]), options.rows, options.style)
            batch["image"] = batch["image"].contiguous(memory_format=layout)
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                output = network(batch["image"])
            parts = total_loss(output, batch, options.smoothing, options.strongest)
            optimizer.zero_grad(set_to_none=True)
            sum(parts.values()).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            follow(average, network, min(options.average, 1 - 1 / (epoch * steps_an_epoch + step + 2)))
            for name, value in parts.items():
                sums[name] = sums.get(name, 0) + value.detach()
            if step % 50 == 49 and device.type == "cpu":
                print(f"epoch {epoch + 1}, step {step + 1} of {steps_an_epoch}, {time.time() - started:.0f} s", flush=True)
        line = {"epoch": epoch + 1, "seconds": round(time.time() - started, 1)}
        line.update({name: round(float(value) / steps_an_epoch, 4) for name, value in sums.items()})
        if epoch + 1 == options.epochs or epoch % 4 == 3:
            line.update(judge(average, options.data, index, intensity, device, own))
        print(json.dumps(line), flush=True)
        with open(options.out / "log.jsonl", "a") as log:
            log.write(json.dumps(line) + "\n")
        torch.save(
            {"network": network.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
             "schedule": schedule.state_dict(), "epoch": epoch + 1},
            last,
        )
        save_weights(average, options, options.out / "model.pt")


if __name__ == "__main__":
    main()
