"""The network with calibration and fusion inside: what model.onnx computes."""

import torch
from torch import nn

from network import OpacityNetwork, decode_marks

MARKS = 64


class PackagedNetwork(nn.Module):
    """Image [N, 1, 256, 256] to score [N, 1], boxes [N, 64, 4], box_scores [N, 64, 1], activation_map [N, 1, h, w]."""

    def __init__(self, network: OpacityNetwork, calibration: dict):
        super().__init__()
        self.network = network
        self.calibration = calibration

    def forward(self, image: torch.Tensor):
        output = self.network(image)
        boxes, marks = decode_marks(output, MARKS)
        fusion = self.calibration["fusion"]
        weights = fusion["weights"]
        fused = (
            weights["global"] * output["image"]
            + weights["mark"] * marks.amax(1, keepdim=True)
            + weights["map"] * output["map_image"]
        )
        score = torch.sigmoid(fusion["slope"] * fused + fusion["offset"])
        part = self.calibration["boxes"]
        box_scores = torch.sigmoid(part["slope"] * marks + part["offset"]).unsqueeze(2)
        part = self.calibration["map"]
        return score, boxes, box_scores, torch.sigmoid(part["slope"] * output["map"] + part["offset"])
