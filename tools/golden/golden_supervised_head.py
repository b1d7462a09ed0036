"""Golden values of the head of semi-supervised training: supervised_head.
`python golden_supervised_head.py FOLDER`; the names are listed in FOLDER/README.md."""

import pathlib
import sys

import torch
from torch import nn

import adam
import safetensors_format
from golden_losses import float32_exact, nhwc

IMAGES, CHANNELS, SIDE, HIDDEN, CLASSES, STEPS = 7, 4, 3, 6, 3, 3


class SupHead5(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Sequential(
            nn.Linear(CHANNELS * SIDE * SIDE, HIDDEN),
            nn.BatchNorm1d(HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, CLASSES),
        )

    def forward(self, features):
        return self.head(features.flatten(1))


def main():
    generator = torch.Generator().manual_seed(31)

    def random(*shape):
        return float32_exact(torch.randn(*shape, dtype=torch.float64, generator=generator))

    network = SupHead5().double()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(random(*parameter.shape) / 3 + (1 if name == "head.1.weight" else 0))
            parameter.copy_(float32_exact(parameter))
    tensors = {f"before.{n}": v.clone() for n, v in network.state_dict().items() if v.dim()}
    labels = torch.randint(0, CLASSES, (IMAGES,), generator=generator)
    tensors["labels"] = labels.to(torch.uint8)
    optimiser = adam.Adam(network.parameters(), 1e-3)
    losses = []
    for step in range(STEPS):
        features = random(IMAGES, CHANNELS, SIDE, SIDE).requires_grad_()
        logits = network(features)
        loss = nn.functional.cross_entropy(logits, labels)
        optimiser.zero_gradients()
        loss.backward()
        losses.append(loss.item())
        tensors[f"features_{step}"] = nhwc(features.detach())
        if step == 0:
            tensors["logits"] = logits.detach()
            tensors["feature_gradient"] = nhwc(features.grad)
            for name, parameter in network.named_parameters():
                tensors[f"gradient.{name}"] = parameter.grad.clone()
        optimiser.step()
    tensors |= {f"after.{n}": v.clone() for n, v in network.state_dict().items() if v.dim()}
    network.eval()
    tensors["evaluation"] = network(features.detach()).detach()
    tensors["losses"] = torch.tensor(losses)
    path = pathlib.Path(sys.argv[1]) / "supervised_head.safetensors"
    safetensors_format.write(path, tensors)


if __name__ == "__main__":
    main()
