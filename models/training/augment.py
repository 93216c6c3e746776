"""Augmentation of a batch on its own device: geometry for image, boxes and lung field, then intensities.

Randomness comes from torch's global generator of the device, so that one seed fixes a run.
"""

import math

import torch
from torch.nn import functional as F

# A box that shows less of itself than this after a crop is left out.
VISIBLE_SHARE = 0.3


def uniform(count: int, low: float, high: float, device: torch.device) -> torch.Tensor:
    return torch.rand(count, device=device) * (high - low) + low


def chance(count: int, probability: float, device: torch.device) -> torch.Tensor:
    return torch.rand(count, device=device) < probability


def random_affine(count: int, device: torch.device) -> torch.Tensor:
    """Matrices [n, 2, 3] from source to augmented coordinates; both run from -1 to 1 over the image."""
    angle = uniform(count, -12, 12, device) * math.pi / 180
    scale = torch.exp(uniform(count, -0.22, 0.22, device))
    stretch = torch.exp(uniform(count, -0.1, 0.1, device))
    mirror = 1 - 2 * chance(count, 0.5, device).float()
    sx, sy = scale * stretch * mirror, scale / stretch
    cos, sin = torch.cos(angle), torch.sin(angle)
    shift_x, shift_y = uniform(count, -0.15, 0.15, device), uniform(count, -0.15, 0.15, device)
    top = torch.stack([cos * sx, -sin * sy, shift_x], 1)
    bottom = torch.stack([sin * sx, cos * sy, shift_y], 1)
    return torch.stack([top, bottom], 1)


def invert_affine(matrix: torch.Tensor) -> torch.Tensor:
    linear = torch.linalg.inv(matrix[:, :, :2])
    return torch.cat([linear, -linear @ matrix[:, :, 2:]], 2)


def move_boxes(boxes: torch.Tensor, matrix: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Boxes [n, k, 4] (fractions) under an affine map, and the share of each that is still in the image.

    A rotated opacity is taken for an ellipse, whose bounding box grows less than that of the box's corners.
    """
    centre = (boxes[..., :2] + boxes[..., 2:]) - 1
    half = boxes[..., 2:] - boxes[..., :2]
    linear = matrix[:, :, :2]
    centre = centre @ linear.transpose(1, 2) + matrix[:, None, :, 2]
    half = torch.sqrt((half**2) @ (linear**2).transpose(1, 2))
    moved = torch.cat([centre - half, centre + half], 2) / 2 + 0.5
    clipped = moved.clamp(0, 1)
    area = ((moved[..., 2] - moved[..., 0]) * (moved[..., 3] - moved[..., 1])).clamp(min=1e-8)
    left = (clipped[..., 2] - clipped[..., 0]) * (clipped[..., 3] - clipped[..., 1])
    return clipped, left / area


def blur(image: torch.Tensor, sigma: float) -> torch.Tensor:
    radius = max(1, math.ceil(2.5 * sigma))
    steps = torch.arange(-radius, radius + 1, device=image.device, dtype=image.dtype)
    kernel = torch.exp(-0.5 * (steps / sigma) ** 2)
    kernel = kernel / kernel.sum()
    padded = F.pad(image, [radius] * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, kernel.view(1, 1, 1, -1)), kernel.view(1, 1, -1, 1))


def random_rectangles(count: int, low: float, high: float, rows: int, device: torch.device) -> torch.Tensor:
    """Masks [n, 1, rows, rows] of one rectangle each; its sides are fractions of the image."""
    position = (torch.arange(rows, device=device) + 0.5) / rows
    masks = []
    for _ in range(2):
        start, side = uniform(count, -0.1, 1, device)[:, None], uniform(count, low, high, device)[:, None]
        masks.append((position[None] >= start) & (position[None] < start + side))
    return (masks[0][:, :, None] & masks[1][:, None, :])[:, None]


def borrow_histograms(image: torch.Tensor) -> torch.Tensor:
    """Each image with the grey values of its neighbour in the batch, brightest to brightest."""
    flat = image.flatten(1)
    rank = flat.argsort(1).argsort(1)
    return flat.roll(1, 0).sort(1).values.gather(1, rank).view_as(image)


def change_style(image: torch.Tensor, probability: float) -> torch.Tensor:
    """What differs between hospitals: the histogram, and how strongly large structures are kept or flattened."""
    count, rows, device = image.shape[0], image.shape[2], image.device
    taken = torch.randperm(count, device=device)[: int(round(probability * count))]
    image = image.index_copy(0, taken, borrow_histograms(image[taken]))
    coarse = F.interpolate(F.avg_pool2d(image, rows // 16), size=(rows, rows), mode="bilinear", align_corners=False)
    strength = uniform(count, -0.4, 0.8, device) * chance(count, probability, device)
    return (image + strength.view(-1, 1, 1, 1) * (image - coarse)).clamp(0, 1)


def change_intensities(image: torch.Tensor) -> torch.Tensor:
    """Gamma, contrast, exposure, sharpness, noise, text markers, collimation and holes; [n, 1, h, w] of 0..1."""
    count, rows, device = image.shape[0], image.shape[2], image.device
    sharpness = uniform(count, -0.9, 0.6, device) * chance(count, 0.5, device)
    soft = blur(image, float(uniform(1, 0.6, 2.2, device)))
    image = image + sharpness.view(-1, 1, 1, 1) * (image - soft)
    image = image.clamp(1e-4, 1) ** torch.exp(uniform(count, -0.45, 0.45, device)).view(-1, 1, 1, 1)
    mean = image.mean((1, 2, 3), keepdim=True)
    contrast = torch.exp(uniform(count, -0.35, 0.35, device)).view(-1, 1, 1, 1)
    exposure = uniform(count, -0.12, 0.12, device).view(-1, 1, 1, 1)
    image = ((image - mean) * contrast + mean + exposure).clamp(0, 1)
    grain = (uniform(count, 0, 0.04, device) * chance(count, 0.3, device)).view(-1, 1, 1, 1)
    image = (image + grain * torch.randn_like(image)).clamp(0, 1)
    marker = random_rectangles(count, 0.02, 0.08, rows, device) & chance(count, 0.25, device).view(-1, 1, 1, 1)
    image = torch.where(marker, torch.ones_like(image), image)
    hole = random_rectangles(count, 0.08, 0.3, rows, device) & chance(count, 0.3, device).view(-1, 1, 1, 1)
    return torch.where(hole, uniform(count, 0, 1, device).view(-1, 1, 1, 1), image)


def augment(batch: dict[str, torch.Tensor], rows: int, style: float) -> dict[str, torch.Tensor]:
    """A batch of `Radiographs.batch` with random geometry and intensities, sampled at the network's rows.

    `style` is the share of images that change their style as well.
    """
    image = batch["image"]
    count = image.shape[0]
    matrix = random_affine(count, image.device)
    grid = F.affine_grid(invert_affine(matrix), [count, 1, rows, rows], align_corners=False)
    moved = F.grid_sample(image, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    boxes, visible = move_boxes(batch["boxes"], matrix)
    lung, _ = move_boxes(batch["lung"][:, None], matrix)
    known = (batch["lung"][:, :1] >= 0).float()
    return {
        **batch,
        "image": change_intensities(change_style(moved, style) if style else moved),
        "boxes": boxes,
        "present": batch["present"] & (visible >= VISIBLE_SHARE),
        "lung": lung[:, 0] * known - (1 - known),
    }
