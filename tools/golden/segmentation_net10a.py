"""SegmentationNet10a with one or two heads, and the model files that hold its weights."""

import json

import torch
import torch.nn.functional as F
from torch import nn

import safetensors_format

# (channels, dilation), or None for the max pool.
LAYERS = [(64, 1), (128, 1), None, (256, 1), (256, 1), (512, 2), (512, 2)]
COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"]


def configuration(two_heads, **changes):
    """The settings a model file records; `width` multiplies every layer's channels."""
    settings = {
        "inputChannels": 4,
        "inputSize": 200,
        "classes": 6,
        "subHeads": 1,
        "width": 1,
        "sobel": False,
        "includeRGB": True,
        "batchNormTracking": True,
    }
    if two_heads:
        settings["overclusters"] = 24
    return settings | changes


class Trunk(nn.Module):
    """Every convolution pads by 1, also the dilated ones: each of those trims two rows, columns."""

    def __init__(self, settings):
        super().__init__()
        layers = []
        channels = settings["inputChannels"]
        for layer in LAYERS:
            if layer is None:
                layers.append(nn.MaxPool2d(2, 2))
                continue
            outputs, dilation = int(layer[0] * settings["width"]), layer[1]
            layers += [
                nn.Conv2d(channels, outputs, 3, padding=1, dilation=dilation, bias=False),
                nn.BatchNorm2d(outputs, track_running_stats=settings["batchNormTracking"]),
                nn.ReLU(),
            ]
            channels = outputs
        self.features = nn.Sequential(*layers)
        self.channels = channels

    def forward(self, x):
        return self.features(x)


class Head(nn.Module):
    """Sub-heads of a 1x1 convolution with padding 1, softmax, and a stretch to the input's size."""

    def __init__(self, channels, classes, settings):
        super().__init__()
        self.size = settings["inputSize"]
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Conv2d(channels, classes, 1, padding=1, bias=False), nn.Softmax(1))
            for _ in range(settings["subHeads"])
        )

    def forward(self, features):
        return [
            F.interpolate(head(features), (self.size,) * 2, mode="bilinear", align_corners=False)
            for head in self.heads
        ]


class SegmentationNet10a(nn.Module):
    def __init__(self, settings):
        super().__init__()
        self.trunk = Trunk(settings)
        if "overclusters" in settings:
            self.head_A = Head(self.trunk.channels, settings["overclusters"], settings)
            self.head_B = Head(self.trunk.channels, settings["classes"], settings)
        else:
            self.head = Head(self.trunk.channels, settings["classes"], settings)


def randomise(network, generator):
    """Kaiming's normal weights (fan in), four times that in the heads so that the classes'
    probabilities vary over an image, and batch norms that differ from channel to channel."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                fan_in = module.weight[0].numel()
                gain = 4 if module.kernel_size == (1, 1) else 1
                module.weight.normal_(0, gain * (2 / fan_in) ** 0.5, generator=generator)
            elif isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.7, 1.3, generator=generator)
                module.bias.uniform_(-0.2, 0.2, generator=generator)
                if module.track_running_stats:
                    module.running_mean.uniform_(-0.3, 0.3, generator=generator)
                    module.running_var.uniform_(0.7, 1.8, generator=generator)


def write_model(path, network, settings, bands, counters=False):
    """Writes a model file. `counters` adds PyTorch's `num_batches_tracked` too (int64)."""
    two_heads = "overclusters" in settings
    names = [f"class {number}" for number in range(1, settings["classes"] + 1)]
    classes = [
        {"name": name, "colour": COLOURS[index % len(COLOURS)]} for index, name in enumerate(names)
    ]
    tensors = {
        name: values.numpy()
        for name, values in network.state_dict().items()
        if counters or not name.endswith("num_batches_tracked")
    }
    metadata = {
        "iic.format": "1",
        "iic.architecture": "SegmentationNet10aTwoHead" if two_heads else "SegmentationNet10a",
        "iic.config": json.dumps(settings),
        "iic.bands": json.dumps(bands),
        "iic.classes": json.dumps(classes),
    }
    safetensors_format.write(path, tensors, metadata)


def read_model(path):
    """Returns the network, in evaluation mode, its settings and its bands."""
    tensors, metadata = safetensors_format.read(path)
    settings = json.loads(metadata["iic.config"])
    if metadata["iic.architecture"] == "SegmentationNet10a":
        settings.pop("overclusters", None)
    network = SegmentationNet10a(settings)
    state = {name: torch.tensor(values) for name, values in tensors.items()}
    missing, unexpected = network.load_state_dict(state, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise ValueError(f"{path}: missing {missing}, unexpected {unexpected}")
    return network.eval(), settings, json.loads(metadata["iic.bands"])
