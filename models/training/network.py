"""The network: an EfficientNet-Lite backbone, a neck to stride 8, a box head, a global head and a map head."""

from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from backbone import EfficientNetLite

NECK_CHANNELS = 96
MAP_CHANNELS = 96
# Values of 0..1 reach the backbone centred.
MEAN, DEVIATION = 0.5, 0.25
# One unit of a box distance, as a fraction of the image.
DISTANCE_UNIT = 0.25
# Sharpness of the map head's log-sum-exp pooling (ChestX-ray8, section 3.2.3).
MAP_SHARPNESS = 4.0


def block(inputs: int, outputs: int, kernel: int = 3) -> nn.Sequential:
    """Convolution, batch normalization, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs, momentum=0.02, eps=1e-3),
        nn.ReLU(),
    )


class OpacityNetwork(nn.Module):
    """Radiographs [N, 1, H, W] to a dict of raw maps and logits.

    heat [N, 1, h, w] and distances [N, 4, h, w] (left, top, right, bottom, fractions of the image) at
    stride 8; quality: logit of the box's overlap with the truth; lung: logit of the lung field;
    image [N, 1]: the global head; map [N, 1, h/2, w/2]: activation map of the map head, which learns
    from image labels alone, and map_image [N, 1], its pooled logit.
    """

    def __init__(self, size: str, rows: int, drop: float = 0.15, dropout: float = 0.3):
        super().__init__()
        self.rows = rows
        self.backbone = EfficientNetLite(size, drop)
        c3, c4, c5 = self.backbone.channels
        self.lateral3 = nn.Conv2d(c3, NECK_CHANNELS, 1)
        self.lateral4 = nn.Conv2d(c4, NECK_CHANNELS, 1)
        self.lateral5 = nn.Conv2d(c5, NECK_CHANNELS, 1)
        self.smooth4 = block(NECK_CHANNELS, NECK_CHANNELS)
        self.smooth3 = block(NECK_CHANNELS, NECK_CHANNELS)
        self.heat_tower = block(NECK_CHANNELS, NECK_CHANNELS)
        self.box_tower = block(NECK_CHANNELS, NECK_CHANNELS)
        self.heat = nn.Conv2d(NECK_CHANNELS, 1, 1)
        self.distances = nn.Conv2d(NECK_CHANNELS, 4, 1)
        self.quality = nn.Conv2d(NECK_CHANNELS, 1, 1)
        self.lung = nn.Conv2d(NECK_CHANNELS, 1, 1)
        self.attention = nn.Conv2d(NECK_CHANNELS, 1, 1)
        self.pooled = block(c5, 256, 1)
        self.dropout = nn.Dropout(dropout)
        self.image = nn.Linear(256 + 2 * NECK_CHANNELS, 1)
        self.map_tower = nn.Sequential(block(c4 + c5, MAP_CHANNELS, 1), nn.Dropout2d(0.1))
        self.map = nn.Conv2d(MAP_CHANNELS, 1, 1)
        nn.init.constant_(self.heat.bias, -3.0)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        if x.shape[-1] != self.rows:
            x = F.interpolate(x, size=(self.rows, self.rows), mode="bilinear", align_corners=False)
        c3, c4, c5 = self.backbone((x - MEAN) / DEVIATION)
        p4 = self.smooth4(self.lateral4(c4) + F.interpolate(self.lateral5(c5), scale_factor=2.0, mode="nearest"))
        p3 = self.smooth3(self.lateral3(c3) + F.interpolate(p4, scale_factor=2.0, mode="nearest"))
        heat_features = self.heat_tower(p3)
        box_features = self.box_tower(p3)
        heat = self.heat(heat_features)
        attended = weighted_mean(p3, F.softmax(self.attention(p3).flatten(2), dim=2))
        gate = heat.detach().sigmoid().flatten(2)
        gated = weighted_mean(heat_features, gate / gate.sum(2, keepdim=True).clamp(min=1e-4))
        pooled = self.pooled(c5).mean((2, 3))
        image = self.image(self.dropout(torch.cat([pooled, attended, gated], 1)))
        deep = F.interpolate(c5, scale_factor=2.0, mode="nearest")
        activation = self.map(self.map_tower(torch.cat([c4, deep], 1)))
        return {
            "heat": heat,
            "distances": F.softplus(self.distances(box_features)) * DISTANCE_UNIT,
            "quality": self.quality(box_features),
            "lung": self.lung(p3),
            "image": image,
            "map": activation,
            "map_image": pool_map(activation),
        }


def weighted_mean(features: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Features [N, C, h, w] and weights [N, 1, h*w] that add up to 1, to [N, C]."""
    return (features.flatten(2) * weights).sum(2)


def pool_map(activation: torch.Tensor) -> torch.Tensor:
    """Log-sum-exp pooling of an activation map [N, 1, h, w] to an image logit [N, 1]."""
    scaled = activation.float().flatten(1) * MAP_SHARPNESS
    cells = activation.shape[2] * activation.shape[3]
    return (torch.logsumexp(scaled, 1, keepdim=True) - torch.log(torch.tensor(float(cells)))) / MAP_SHARPNESS


def decode_boxes(distances: torch.Tensor) -> torch.Tensor:
    """Distances [N, 4, h, w] to boxes [N, 4, h, w]: left, top, right, bottom as fractions of the image."""
    rows, columns = distances.shape[2:]
    y = (torch.arange(rows, device=distances.device, dtype=distances.dtype) + 0.5) / rows
    x = (torch.arange(columns, device=distances.device, dtype=distances.dtype) + 0.5) / columns
    x, y = x.view(1, 1, columns).expand(1, rows, columns), y.view(1, rows, 1).expand(1, rows, columns)
    centre = torch.stack([x, y, x, y], 1)
    sign = torch.tensor([-1.0, -1.0, 1.0, 1.0], device=distances.device, dtype=distances.dtype).view(1, 4, 1, 1)
    return (centre + sign * distances).clamp(0, 1)


def decode_marks(output: dict[str, torch.Tensor], count: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    """The best local maxima of the heat map: boxes [N, count, 4] and their logits [N, count]."""
    logits = mark_logits(output)
    peaks = F.max_pool2d(logits, 3, 1, 1)
    kept = torch.where(peaks <= logits, logits, torch.full_like(logits, -20.0))
    best, position = kept.flatten(1).topk(count, dim=1)
    boxes = decode_boxes(output["distances"].float()).flatten(2).transpose(1, 2)
    return boxes.gather(1, position.unsqueeze(2).expand(-1, -1, 4)), best


def mark_logits(output: dict[str, torch.Tensor]) -> torch.Tensor:
    """Heat and quality as one logit: half the sum of both logits' log-probabilities, as a probability's logit."""
    log = 0.5 * (F.logsigmoid(output["heat"].float()) + F.logsigmoid(output["quality"].float()))
    return log - torch.log1p(-torch.exp(log).clamp(max=1 - 1e-6))


def load_network(path: Path) -> tuple[OpacityNetwork, dict]:
    """The network of a model.pt in evaluation mode, and its `intensity`."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    network = OpacityNetwork(**saved["network"])
    network.load_state_dict(saved["state"])
    return network.eval(), saved["intensity"]
