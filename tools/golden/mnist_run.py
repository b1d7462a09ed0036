"""The published MNIST run (685) in PyTorch, with torchvision's own random views: what `iic train
mnist --set headAUntrained=true` is, to hold its losses and accuracies against.
`python mnist_run.py FOLDER --epochs 3`; FOLDER has MNIST's four files, compressed or not.

As the published program did through a slip, head B learns in head A's turn too, so head A is left
out: three passes over all images an epoch. A batch is 140 images in the files' order, each first
view paired with five second views. The first view goes through the network once, which leaves
batch normalisation's statistics and the loss as they are. --bfloat16 computes the trunk in it,
where the processor is fast at that; heads, loss and optimiser stay in float32.
"""

import argparse
import contextlib
import gzip
import pathlib
import random
import time

import numpy as np
import torch
from PIL import Image
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

import losses
from adam import Adam
from golden_cluster_networks import Deep

IMAGES, REPEATS, PASSES, SUB_HEADS, CLUSTERS = 140, 5, 3, 5, 10

FIRST = transforms.Compose([
    transforms.RandomChoice([transforms.RandomCrop(20), transforms.CenterCrop(20)]),
    transforms.Resize(24),
    transforms.ToTensor(),
])
SECOND = transforms.Compose([
    transforms.RandomApply([transforms.RandomRotation(25)], p=0.5),
    transforms.RandomChoice([transforms.RandomCrop(side) for side in (16, 20, 24)]),
    transforms.Resize((24, 24)),
    transforms.ColorJitter(0.4, 0.4, 0.4, 0.125),
    transforms.ToTensor(),
])
SCORING = transforms.Compose([
    transforms.CenterCrop(20), transforms.Resize(24), transforms.ToTensor()
])


def read(folder, name, header):
    for path in (folder / name, folder / f"{name}.gz"):
        if path.exists():
            opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
            with opened as file:
                return np.frombuffer(file.read(), np.uint8, offset=header)
    raise SystemExit(f"{folder} has neither {name} nor {name}.gz")


class Batches(Dataset):
    """One pass; every batch has a seed of its own, so that it does not matter who makes it."""

    def __init__(self, images, seed):
        self.images = images
        self.seeds = np.random.default_rng(seed).integers(2**31, size=-(-len(images) // IMAGES))

    def __len__(self):
        return len(self.seeds)

    def __getitem__(self, number):
        random.seed(int(self.seeds[number]))
        torch.manual_seed(int(self.seeds[number]))
        part = self.images[number * IMAGES : (number + 1) * IMAGES]
        images = [Image.fromarray(image) for image in part]
        first = torch.stack([FIRST(image) for image in images])
        return first, torch.stack([SECOND(image) for _ in range(REPEATS) for image in images])


class Network(nn.Module):
    """ClusterNet6c's trunk with head B."""

    def __init__(self, bfloat16):
        super().__init__()
        self.bfloat16 = bfloat16
        self.trunk = Deep(1, tracking=False)
        self.heads = nn.ModuleList(nn.Linear(512 * 3 * 3, CLUSTERS) for _ in range(SUB_HEADS))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0, 0.01)
                nn.init.zeros_(module.bias)

    def forward(self, x):
        mixed = torch.autocast("cpu", torch.bfloat16) if self.bfloat16 else contextlib.nullcontext()
        with mixed:
            features = self.trunk(x.contiguous(memory_format=torch.channels_last))
        features = features.float().flatten(1)
        return [head(features).softmax(1) for head in self.heads]


@torch.no_grad()
def accuracies(network, images, labels):
    """Per cent of each sub-head, clusters matched one to one to the digits."""
    matches = np.zeros((SUB_HEADS, CLUSTERS, 10), int)
    for start in range(0, len(images), 700):
        part = slice(start, start + 700)
        views = torch.stack([SCORING(Image.fromarray(image)) for image in images[part]])
        for index, output in enumerate(network(views)):
            np.add.at(matches[index], (output.argmax(1).numpy(), labels[part]), 1)
    return [
        round(100 * counts[linear_sum_assignment(-counts)].sum() / len(images), 1)
        for counts in matches
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bfloat16", action="store_true")
    options = parser.parse_args()
    parts = ("train", "t10k")
    images = np.concatenate(
        [read(options.folder, f"{part}-images-idx3-ubyte", 16) for part in parts]
    ).reshape(-1, 28, 28)
    labels = np.concatenate([read(options.folder, f"{part}-labels-idx1-ubyte", 8) for part in parts])
    torch.manual_seed(options.seed)
    network = Network(options.bfloat16).to(memory_format=torch.channels_last)
    optimiser = Adam(network.parameters(), 1e-4)
    print("before training:", *accuracies(network, images, labels), "%", flush=True)
    start, recent = time.time(), []
    for number in range(options.epochs * PASSES):
        source = Batches(images, [options.seed, number])
        for first, second in DataLoader(source, batch_size=None, num_workers=2):
            pairs = zip(network(first), network(second))
            values = [losses.image_loss(x.repeat(REPEATS, 1), y, 1.0)[0] for x, y in pairs]
            loss = sum(values) / SUB_HEADS
            optimiser.zero_gradients()
            loss.backward()
            optimiser.step()
            recent.append(loss.item())
            if len(recent) % 50 == 0:
                mean = np.mean(recent[-50:])
                seconds = time.time() - start
                print(f"step {len(recent)}: loss {mean:.3f}, {seconds:.0f} s", flush=True)
        found = accuracies(network, images, labels)
        print(f"epoch {(number + 1) / PASSES:.2f}:", *found, "%", flush=True)


if __name__ == "__main__":
    main()
