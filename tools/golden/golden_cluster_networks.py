"""Golden values of ClusterNet6c and ClusterNet5g, at their published size: outputs, penultimate
features and one whole training step. `python golden_cluster_networks.py FOLDER [--float32]`.

Weights and images are not stored: both sides make them from the same formula (`formula` below).
Of large tensors a few evenly spread values are stored, and the largest magnitude; the names are
listed in FOLDER/README.md. --float32 computes in PyTorch's float32 instead, which shows how far
from the float64 values an honest float32 implementation ends up.
"""

import math
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import losses
import safetensors_format
from adam import Adam

LEARNING_RATE = 1e-3
PAIRS = 4
SUB_HEADS = 2
SAMPLES = 12
LAMBDA = 1.1


def formula(seed, count):
    """`count` numbers uniform in 0...1 from splitmix64's stream of this seed, in float64."""
    with np.errstate(over="ignore"):
        step = np.uint64(0x9E3779B97F4A7C15)
        state = np.uint64(seed) + step * np.arange(1, count + 1, dtype=np.uint64)
        mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


def uniform(seed, shape, low, high):
    """Numbers in low...high that float32 holds exactly; row-major in `shape`."""
    values = low + (high - low) * formula(seed, int(np.prod(shape)))
    return torch.tensor(values.astype(np.float32).astype(np.float64)).reshape(shape)


class Deep(nn.Module):
    """ClusterNet6c's trunk: blocks of 5x5 convolutions."""

    def __init__(self, channels, tracking):
        super().__init__()
        layers = []
        for outputs in [64, 128, 256, 512]:
            layers += [
                nn.Conv2d(channels, outputs, 5, padding=2, bias=False),
                nn.BatchNorm2d(outputs, track_running_stats=tracking),
                nn.ReLU(),
            ]
            if outputs < 512:
                layers.append(nn.MaxPool2d(2, 2))
            channels = outputs
        self.features = nn.Sequential(*layers)

    def forward(self, x):
        return self.features(x)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, tracking):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs, track_running_stats=tracking)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs, track_running_stats=tracking)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False),
                nn.BatchNorm2d(outputs, track_running_stats=tracking),
            )

    def forward(self, x):
        inner = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(inner + (x if self.downsample is None else self.downsample(x)))


class Residual(nn.Module):
    """ClusterNet5g's trunk: ResNet-34 without its first pooling's overlap, with 3x3 at the start."""

    def __init__(self, channels, tracking):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 64, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(64, track_running_stats=tracking)
        inputs = 64
        for index, (outputs, blocks) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)]):
            layer = []
            for number in range(blocks):
                stride = 2 if number == 0 and index > 0 else 1
                layer.append(Block(inputs, outputs, stride, tracking))
                inputs = outputs
            self.add_module(f"layer{index + 1}", nn.Sequential(*layer))

    def penultimate(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2, 2, padding=1)
        return self.layer3(self.layer2(self.layer1(x)))

    def forward(self, x):
        x = self.layer4(self.penultimate(x))
        return F.avg_pool2d(x, {7: 7, 5: 5, 3: 3}[x.shape[-1]], stride=1)


class Head(nn.Module):
    def __init__(self, features, clusters):
        super().__init__()
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(features, clusters), nn.Softmax(1)) for _ in range(SUB_HEADS)
        )

    def forward(self, features):
        return [head(features.flatten(1)) for head in self.heads]


class Network(nn.Module):
    """Two heads on either trunk."""

    def __init__(self, settings, tracking):
        super().__init__()
        trunk = Residual if settings["residual"] else Deep
        self.trunk = trunk(settings["bands"], tracking)
        features = 512 if settings["residual"] else 512 * 3 * 3
        self.head_A = Head(features, settings["overclusters"])
        self.head_B = Head(features, settings["classes"])


# The seed of a network's first tensor; each tensor of the state dict, running statistics among
# them, has the next.
NETWORKS = {
    "net6c": dict(
        residual=False, bands=1, size=24, overclusters=25, classes=10, seed=1000, head=0.02
    ),
    "net5g": dict(
        residual=True, bands=2, size=32, overclusters=20, classes=10, seed=2000, head=0.02
    ),
}


def set_weights(network, seed, head):
    """Weights of Kaiming's variance in convolutions; batch norms that differ from channel to
    channel. Shifts are well above zero: among a million activations some would else be so near
    zero that rounding decides whether ReLU cuts them, and gradients with it."""
    number = 0
    for name, values in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        if values.dim() == 4:
            bound = math.sqrt(6 / values[0].numel())
            low, high = -bound, bound
        elif values.dim() == 2:
            low, high = -head, head
        elif name.endswith("running_mean"):
            low, high = -0.3, 0.3
        elif name.endswith("running_var"):
            low, high = 4, 8
        elif name.startswith("head"):
            low, high = -0.2, 0.2
        elif name.endswith("weight"):
            low, high = 0.7, 1.3
        else:
            low, high = 1, 3
        values.copy_(uniform(seed + number, values.shape, low, high))
        number += 1


def views(settings):
    """Views [n, b, h, w] made as [n, h, w, b]: the second is the first, moved and noisy."""
    shape = (PAIRS, settings["size"], settings["size"], settings["bands"])
    coarse = uniform(settings["seed"] + 500, (PAIRS, 4, 4, settings["bands"]), 0, 1)
    cells = torch.arange(settings["size"]) * 4 // settings["size"]
    first = coarse[:, cells][:, :, cells] + uniform(settings["seed"] + 501, shape, -0.2, 0.2)
    # Images of different contrast, so that the network tells them apart.
    first = first * (1 + torch.arange(PAIRS, dtype=torch.float64))[:, None, None, None] / 2
    second = first.roll((1, 2), (1, 2)) + uniform(settings["seed"] + 502, shape, -0.1, 0.1)
    return [
        view.to(torch.float32).to(torch.float64).permute(0, 3, 1, 2) for view in (first, second)
    ]


def sampled(values):
    """A few evenly spread values of a tensor as it stands in a file, and its largest magnitude."""
    flat = values.detach().flatten().double()
    places = torch.arange(min(SAMPLES, flat.numel())) * flat.numel() // min(SAMPLES, flat.numel())
    return torch.cat([flat.abs().max()[None], flat[places]])


def main():
    folder = pathlib.Path(sys.argv[1])
    kind = torch.float32 if "--float32" in sys.argv else torch.float64
    tensors = {}
    for name, settings in NETWORKS.items():
        first, second = (view.to(kind) for view in views(settings))

        def network(tracking):
            made = Network(settings, tracking).to(kind)
            with torch.no_grad():
                set_weights(made, settings["seed"], settings["head"])
            return made

        tracked = network(True)
        with torch.no_grad():
            tracked.eval()
            outputs = tracked.trunk(first)
            for head in ("head_A", "head_B"):
                for index, output in enumerate(getattr(tracked, head)(outputs)):
                    tensors[f"{name}.evaluation.{head}.{index}"] = output
            if settings["residual"]:
                features = tracked.trunk.penultimate(first)
                tensors[f"{name}.penultimate"] = sampled(features.permute(0, 2, 3, 1))
            # Without running statistics, evaluation normalises by the batch's own.
            untracked = Network(settings, False).to(kind)
            untracked.load_state_dict(tracked.state_dict(), strict=False)
            untracked.eval()
            outputs = untracked.trunk(first)
            tensors[f"{name}.untracked.head_B.0"] = untracked.head_B(outputs)[0]

        trained = network(True).train()
        optimiser = Adam(trained.parameters(), LEARNING_RATE)
        optimiser.zero_gradients()
        x1 = trained.head_A(trained.trunk(first))
        x2 = trained.head_A(trained.trunk(second))
        each = [torch.stack(losses.image_loss(a, b, LAMBDA)) for a, b in zip(x1, x2)]
        mean = torch.stack(each).mean(0)
        mean[0].backward()
        optimiser.step()
        tensors[f"{name}.losses"] = torch.stack(each).detach()
        for parameter, values in trained.named_parameters():
            if values.grad is not None:
                tensors[f"{name}.gradient.{parameter}"] = sampled(values.grad)
        for parameter, values in trained.state_dict().items():
            if "head_B" not in parameter and not parameter.endswith("num_batches_tracked"):
                tensors[f"{name}.updated.{parameter}"] = sampled(values)
    tensors = {key: values.detach().double().numpy() for key, values in tensors.items()}
    safetensors_format.write(
        folder / "cluster_networks.safetensors", tensors, {"lambda": str(LAMBDA)}
    )


if __name__ == "__main__":
    main()
