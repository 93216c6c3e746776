"""What the heads learn from: boxes, lung boxes and image labels. Unknown labels cost nothing."""

import torch
from torch.nn import functional as F

from network import decode_boxes

# Width of a box's Gaussian, as a fraction of the box's side.
SPREAD = 0.14
# Cells whose Gaussian is above this learn the box's distances.
BOX_CELL = 0.25


def cell_centres(rows: int, columns: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    y = (torch.arange(rows, device=device) + 0.5) / rows
    x = (torch.arange(columns, device=device) + 0.5) / columns
    return x.view(1, 1, 1, columns), y.view(1, 1, rows, 1)


def box_targets(boxes: torch.Tensor, present: torch.Tensor, rows: int, columns: int):
    """Gaussian peaks [n, h, w], the box of each cell [n, 4, h, w] and the cells that hold a centre [n, h, w]."""
    x, y = cell_centres(rows, columns, boxes.device)
    left, top, right, bottom = (boxes[..., side, None, None] for side in range(4))
    width, height = (right - left).clamp(min=0.02), (bottom - top).clamp(min=0.02)
    across = (x - (left + right) / 2) / (SPREAD * width)
    down = (y - (top + bottom) / 2) / (SPREAD * height)
    peaks = torch.exp(-0.5 * (across**2 + down**2)) * present[..., None, None]
    flat = peaks.flatten(2)
    centres = torch.zeros_like(flat).scatter_(2, flat.argmax(2, keepdim=True), 1.0) * present[..., None]
    heat, owner = peaks.max(1)
    index = owner[:, None].expand(-1, 4, -1, -1).flatten(2)
    chosen = boxes.transpose(1, 2).gather(2, index).view(boxes.shape[0], 4, rows, columns)
    return heat, chosen, centres.amax(1).view_as(heat)


def overlap(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """IoU and generalized IoU of boxes [n, 4, ...]."""
    width = (torch.minimum(a[:, 2], b[:, 2]) - torch.maximum(a[:, 0], b[:, 0])).clamp(min=0)
    height = (torch.minimum(a[:, 3], b[:, 3]) - torch.maximum(a[:, 1], b[:, 1])).clamp(min=0)
    common = width * height
    areas = [(box[:, 2] - box[:, 0]).clamp(min=0) * (box[:, 3] - box[:, 1]).clamp(min=0) for box in (a, b)]
    union = (areas[0] + areas[1] - common).clamp(min=1e-7)
    hull_width = torch.maximum(a[:, 2], b[:, 2]) - torch.minimum(a[:, 0], b[:, 0])
    hull_height = torch.maximum(a[:, 3], b[:, 3]) - torch.minimum(a[:, 1], b[:, 1])
    hull = (hull_width * hull_height).clamp(min=1e-7)
    iou = common / union
    return iou, iou - (hull - union) / hull


def heat_loss(logits: torch.Tensor, heat: torch.Tensor, centres: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """CenterNet's penalty-reduced focal loss, per box."""
    positive = centres * (1 - torch.sigmoid(logits)) ** 2 * F.softplus(-logits)
    negative = (1 - centres) * (1 - heat) ** 4 * torch.sigmoid(logits) ** 2 * F.softplus(logits)
    total = (positive + negative) * known[:, None, None]
    return total.sum() / (centres * known[:, None, None]).sum().clamp(min=1)


def lung_loss(logits: torch.Tensor, lung: torch.Tensor) -> torch.Tensor:
    x, y = cell_centres(*logits.shape[1:], logits.device)
    left, top, right, bottom = (lung[:, side].view(-1, 1, 1, 1) for side in range(4))
    inside = ((x > left) & (x < right) & (y > top) & (y < bottom)).float()[:, 0]
    known = (lung[:, :1] >= 0).float()[..., None]
    cost = F.binary_cross_entropy_with_logits(logits, inside, reduction="none") * known
    return cost.sum() / (known.sum() * logits.shape[1] * logits.shape[2]).clamp(min=1)


def image_loss(logits: torch.Tensor, opacity: torch.Tensor, weight: torch.Tensor, smoothing: float) -> torch.Tensor:
    known = (opacity >= 0).float() * weight
    target = opacity.clamp(min=0) * (1 - 2 * smoothing) + smoothing
    cost = F.binary_cross_entropy_with_logits(logits[:, 0].float(), target, reduction="none") * known
    return cost.sum() / known.sum().clamp(min=1)


def total_loss(output: dict[str, torch.Tensor], batch: dict[str, torch.Tensor], smoothing: float, strongest: float) -> dict[str, torch.Tensor]:
    """The parts of the loss, each with its weight already in it; `strongest` is that of its last part."""
    logits = output["heat"][:, 0].float()
    heat, boxes, centres = box_targets(batch["boxes"], batch["present"], *logits.shape[1:])
    known = batch["has_boxes"].float()
    cells = heat * (heat > BOX_CELL) * known[:, None, None]
    iou, giou = overlap(decode_boxes(output["distances"].float()), boxes)
    weight = cells.sum().clamp(min=1)
    quality = F.binary_cross_entropy_with_logits(output["quality"][:, 0].float(), iou.detach(), reduction="none")
    # Where boxes are unknown but an opacity is said to be (or not to be) there, the strongest cells answer for it.
    best = logits.flatten(1).topk(4, dim=1).values.mean(1, keepdim=True)
    return {
        "heat": heat_loss(logits, heat, centres, known),
        "boxes": 2.0 * ((1 - giou) * cells).sum() / weight,
        "quality": 0.5 * (quality * cells).sum() / weight,
        "lung": 0.3 * lung_loss(output["lung"][:, 0].float(), batch["lung"]),
        "image": image_loss(output["image"], batch["opacity"], batch["weight"], smoothing),
        "map": 0.5 * image_loss(output["map_image"], batch["opacity"], batch["weight"], smoothing),
        "strongest": strongest * image_loss(best, batch["opacity"], batch["weight"] * (1 - known), smoothing),
    }
