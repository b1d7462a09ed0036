"""Golden values of a step of training by each pretext: pretexts.
`python golden_pretexts.py FOLDER`; the names are listed in FOLDER/README.md.

The networks are the published ones: the trunk of SegmentationNet10a, its map stretched to the
input's size, patches cut out of it at the same places in all images, a branch of convolution,
normalisation and ReLU that both go through, two linear layers. Dropout is left out: what another
implementation drops cannot be the same.
"""

import pathlib
import sys

import torch
import torch.nn.functional as F
from torch import nn

import safetensors_format
from golden_losses import float32_exact, nhwc
from segmentation_net10a import Trunk, configuration

IMAGES, BANDS, SIDE, PATCH, WIDTH = 3, 2, 24, 3, 1 / 64
HIDDEN = int(1024 * WIDTH)


class Pretext(nn.Module):
    def __init__(self, answers):
        super().__init__()
        settings = configuration(False, inputChannels=BANDS, inputSize=SIDE, width=WIDTH)
        self.trunk = Trunk(settings)
        self.branch = nn.Sequential(
            nn.Conv2d(self.trunk.channels, HIDDEN, 3, padding=1, bias=False),
            nn.BatchNorm2d(HIDDEN),
            nn.ReLU(),
        )
        self.joint = nn.Sequential(
            nn.Linear(2 * HIDDEN * PATCH * PATCH, HIDDEN), nn.ReLU(), nn.Identity(),
            nn.Linear(HIDDEN, answers),
        )

    def forward(self, x, places):
        features = F.interpolate(self.trunk(x), size=SIDE, mode="bilinear", align_corners=False)
        half = PATCH // 2
        patches = [
            features[:, :, row - half : row + half + 1, column - half : column + half + 1]
            for row, column in places
        ]
        return self.joint(torch.cat([self.branch(patch).flatten(1) for patch in patches], 1))


def main():
    tensors = {}
    generator = torch.Generator().manual_seed(41)

    def random(*shape):
        return float32_exact(torch.randn(*shape, dtype=torch.float64, generator=generator))

    cases = {
        # The second image counts by its second patch alone, the third by neither.
        "isola": (1, 1, [(8, 9), (13, 14)]),
        "isola_apart": (1, 0, [(9, 8), (19, 15)]),
        "doersch": (8, 5, [(14, 13), (8, 7)]),
    }
    for name, (answers, answer, places) in cases.items():
        network = Pretext(answers).double()
        with torch.no_grad():
            for key, parameter in network.named_parameters():
                if parameter.dim() > 1:
                    scale = (2 / parameter[0].numel()) ** 0.5
                    parameter.copy_(float32_exact(random(*parameter.shape) * scale))
                else:
                    base = 1 if key.endswith("weight") else 0
                    parameter.copy_(float32_exact(random(*parameter.shape) / 5 + base))
        tensors |= {
            f"{name}.before.{key}": value.clone()
            for key, value in network.state_dict().items()
            if value.dim()
        }
        x = float32_exact(torch.rand(IMAGES, BANDS, SIDE, SIDE, dtype=torch.float64,
                                     generator=generator))
        mask = torch.zeros(IMAGES, 1, SIDE, SIDE, dtype=torch.float64)
        mask[0] = 1
        mask[1, 0, places[1][0], places[1][1]] = 1
        mask[2, 0, 0, 0] = 1
        logits = network(x, places)
        labels = torch.full((IMAGES,), answer)
        if answers == 1:
            losses = F.binary_cross_entropy_with_logits(
                logits[:, 0], labels.double(), reduction="none")
        else:
            losses = F.cross_entropy(logits, labels, reduction="none")
        loss = losses[:2].mean()
        loss.backward()
        tensors[f"{name}.x"] = nhwc(x)
        tensors[f"{name}.mask"] = nhwc(mask)
        tensors[f"{name}.places"] = torch.tensor(places, dtype=torch.uint8)
        tensors[f"{name}.answer"] = torch.tensor([answer], dtype=torch.uint8)
        tensors[f"{name}.loss"] = loss.detach().reshape(1)
        for key, parameter in network.named_parameters():
            tensors[f"{name}.gradient.{key}"] = parameter.grad.clone()
        tensors |= {
            f"{name}.after.{key}": value.clone()
            for key, value in network.state_dict().items()
            if "running" in key
        }
    path = pathlib.Path(sys.argv[1]) / "pretexts.safetensors"
    safetensors_format.write(path, tensors)


if __name__ == "__main__":
    main()
