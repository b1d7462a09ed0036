"""The published networks (arXiv 1807.06653, sections 4.2 and 4.3) in PyTorch, NCHW."""

import torch
import torch.nn.functional as F
from torch import nn

MAX_POOL = None


def convolution_block(inputs, outputs, side, padding, dilation=1):
    return [
        nn.Conv2d(inputs, outputs, side, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]


class SegmentationNet10a(nn.Module):
    """One head of one sub-head: 1x1 convolution with padding 1, softmax, stretched to the input."""

    LAYERS = [(64, 1), (128, 1), MAX_POOL, (256, 1), (256, 1), (512, 2), (512, 2)]

    def __init__(self, channels, classes, size):
        super().__init__()
        layers = []
        for layer in self.LAYERS:
            if layer is MAX_POOL:
                layers.append(nn.MaxPool2d(2, 2))
                continue
            outputs, dilation = layer
            layers += convolution_block(channels, outputs, 3, 1, dilation)
            channels = outputs
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Conv2d(channels, classes, 1, padding=1, bias=False)
        self.size = size

    def forward(self, x):
        classes = self.head(self.trunk(x)).softmax(1)
        return F.interpolate(classes, (self.size,) * 2, mode="bilinear", align_corners=False)


class Heads(nn.Module):
    """Sub-heads of a linear map and softmax."""

    def __init__(self, features, classes, count):
        super().__init__()
        self.maps = nn.ModuleList(nn.Linear(features, classes) for _ in range(count))

    def forward(self, features):
        return [sub_head(features).softmax(1) for sub_head in self.maps]


class ClusterNet6c(nn.Module):
    """Four 5x5 convolutions with max pools between them; inputs of 24 by 24."""

    def __init__(self, channels=1, classes=10, sub_heads=5):
        super().__init__()
        layers = []
        for outputs in (64, 128, 256, 512):
            if layers:
                layers.append(nn.MaxPool2d(2, 2))
            layers += convolution_block(channels, outputs, 5, 2)
            channels = outputs
        self.trunk = nn.Sequential(*layers)
        self.heads = Heads(channels * 3 * 3, classes, sub_heads)

    def forward(self, x):
        return self.heads(self.trunk(x).flatten(1))


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = F.relu(self.first_norm(self.first(x)), inplace=True)
        y = self.second_norm(self.second(y))
        return F.relu(y + self.shortcut(x), inplace=True)


class ClusterNet5g(nn.Module):
    """A residual network of 3, 4, 6 and 3 blocks without its first stride; inputs of 32 by 32."""

    STAGES = [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]

    def __init__(self, channels=2, classes=10, sub_heads=5):
        super().__init__()
        layers = convolution_block(channels, 64, 3, 1) + [nn.MaxPool2d(2, 2, padding=1)]
        channels = 64
        for outputs, blocks, stride in self.STAGES:
            for block in range(blocks):
                layers.append(BasicBlock(channels, outputs, stride if block == 0 else 1))
                channels = outputs
        self.trunk = nn.Sequential(*layers, nn.AvgPool2d(3, stride=1))
        self.heads = Heads(channels, classes, sub_heads)

    def forward(self, x):
        return self.heads(self.trunk(x).flatten(1))


def brought_back(second, matrices):
    """Maps of the second view as the first one's frame sees them; zeros outside."""
    grid = F.affine_grid(matrices, list(second.shape), align_corners=True)
    return F.grid_sample(
        second, grid, mode="bilinear", padding_mode="zeros", align_corners=True
    )


def information_loss(joint):
    """-sum P ln(P / (P_i P_j)) over the last two axes of joints, which need not be normalised."""
    joint = joint / joint.sum((-1, -2), keepdim=True)
    joint = (joint + joint.transpose(-1, -2)) / 2
    rows = joint.sum(-1, keepdim=True)
    columns = joint.sum(-2, keepdim=True)
    smallest = torch.finfo(torch.float64).eps
    joint, rows, columns = (part.clamp_min(smallest) for part in (joint, rows, columns))
    return -(joint * (joint.log() - rows.log() - columns.log())).sum((-1, -2))


def dense_loss(first, second, matrices, mask, half_side):
    """Uncollapsed, as published: one convolution whose filters are the second view's maps."""
    second = brought_back(second, matrices)
    first, second = first * mask, second * mask
    joint = F.conv2d(first.transpose(0, 1), second.transpose(0, 1), padding=half_side)
    return information_loss(joint.permute(2, 3, 0, 1)).mean()


def image_loss(first, second):
    """Equation 2 and 3 of class probabilities [n, k]."""
    return information_loss(first.t() @ second)
