"""The benchmark's cases: what one repeat of each does."""

import contextlib
from dataclasses import dataclass
from typing import Callable

import torch

import networks


@dataclass
class Case:
    """`prepare(layout, autocast)` returns what one repeat runs; it does `amount` `unit`s."""

    amount: int
    unit: str
    prepare: Callable


def mixed(autocast):
    if autocast:
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return contextlib.nullcontext()


def training(network, views, loss, layout, autocast):
    network = network.to(memory_format=layout).train()
    views = [view.contiguous(memory_format=layout) for view in views]
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-4, fused=True)

    def step():
        optimiser.zero_grad()
        with mixed(autocast):
            outputs = [network(view) for view in views]
        # Joint distributions and logarithms need float32, as PyTorch's own losses do.
        loss(*outputs).backward()
        optimiser.step()

    return step


def segmentation(classes):
    def prepare(layout, autocast):
        pairs, side = 4, 200
        views = [torch.rand(pairs, 4, side, side) for _ in range(2)]
        matrices = torch.eye(2, 3).repeat(pairs, 1, 1)
        matrices[::2, 0, 0] = -1  # every other pair is flipped
        mask = torch.ones(pairs, 1, side, side)

        def loss(first, second):
            return networks.dense_loss(first.float(), second.float(), matrices, mask, 10)

        network = networks.SegmentationNet10a(4, classes, side)
        return training(network, views, loss, layout, autocast)

    return Case(4, "pairs/s", prepare)


def clustering(make, pairs, channels, side):
    def prepare(layout, autocast):
        views = [torch.rand(pairs, channels, side, side) for _ in range(2)]

        def loss(first, second):
            losses = [networks.image_loss(a.float(), b.float()) for a, b in zip(first, second)]
            return sum(losses) / len(losses)

        return training(make(), views, loss, layout, autocast)

    return Case(pairs, "pairs/s", prepare)


def inference():
    def prepare(layout, autocast):
        network = networks.SegmentationNet10a(4, 6, 512).to(memory_format=layout).eval()
        images = torch.rand(2, 4, 512, 512).contiguous(memory_format=layout)

        def label():
            with torch.inference_mode(), mixed(autocast):
                return network(images).argmax(1)

        return label

    return Case(2, "images/s", prepare)


CASES = {
    "train-seg10a-k24-b4": segmentation(24),
    "train-seg10a-k3-b4": segmentation(3),
    "train-net6c-b700": clustering(networks.ClusterNet6c, 700, 1, 24),
    "train-net5g-b66": clustering(networks.ClusterNet5g, 66, 2, 32),
    "infer-seg10a-2x512": inference(),
}
