"""Golden values of single layers and of Adam's steps: layers, optimiser.
`python golden_layers.py FOLDER`; the names are listed in FOLDER/README.md."""

import pathlib
import sys

import torch
import torch.nn.functional as F

import adam
import safetensors_format
from golden_losses import float32_exact, matrices, nhwc, rotated


class Cases:
    """Collects layers' inputs, outputs and gradients, each under the name of its case."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.tensors = {}

    def random(self, *shape):
        return float32_exact(torch.randn(*shape, dtype=torch.float64, generator=self.generator))

    def add(self, name, layer, x, **stored):
        """Runs `layer` forward and, with a random gradient of its output, backward."""
        x = x.clone().requires_grad_()
        y = layer(x)
        gradient = self.random(*y.shape)
        y.backward(gradient)
        maps = {"input": x, "output": y, "output_gradient": gradient, "input_gradient": x.grad}
        for part, values in maps.items():
            self.tensors[f"{name}.{part}"] = nhwc(values) if values.dim() == 4 else values.detach()
        for part, values in stored.items():
            self.tensors[f"{name}.{part}"] = values

    def convolution(
        self, name, height, width, kernel, padding, dilation, inputs, outputs, images=2
    ):
        weight = self.random(outputs, inputs, kernel, kernel).requires_grad_()
        x = self.random(images, inputs, height, width)
        self.add(name, lambda x: F.conv2d(x, weight, padding=padding, dilation=dilation), x)
        self.tensors[f"{name}.weight"] = hwio(weight)
        self.tensors[f"{name}.weight_gradient"] = hwio(weight.grad)
        self.tensors[f"{name}.padding"] = torch.tensor([float(padding)])
        self.tensors[f"{name}.dilation"] = torch.tensor([float(dilation)])

    def batch_normalisation(self, name, rectified):
        """In training mode; `running_*` are the running statistics after this one batch."""
        channels = 5
        x = 2 * self.random(3, channels, 4, 6) + self.random(channels)[:, None, None]
        x = float32_exact(x)
        scale = (1 + self.random(channels) / 4).requires_grad_()
        shift = self.random(channels).requires_grad_()
        mean, variance = torch.zeros(channels).double(), torch.ones(channels).double()
        scale.data, shift.data = float32_exact(scale.data), float32_exact(shift.data)

        def layer(x):
            y = F.batch_norm(x, mean, variance, scale, shift, training=True)
            return torch.relu(y) if rectified else y

        self.add(name, layer, x)
        for part, values in {
            "scale": scale.detach(),
            "shift": shift.detach(),
            "scale_gradient": scale.grad,
            "shift_gradient": shift.grad,
            "batch_mean": x.mean((0, 2, 3)),
            "batch_variance": x.var((0, 2, 3), correction=0),
            "running_mean": mean,
            "running_variance": variance,
        }.items():
            self.tensors[f"{name}.{part}"] = values


def hwio(weight):
    return weight.detach().permute(2, 3, 1, 0)


def sobel(grey):
    kernels = torch.tensor(
        [[[1, 0, -1], [2, 0, -2], [1, 0, -1]], [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]]
    )
    return F.conv2d(grey, kernels[:, None].double(), padding=1)


def affine_sampling(transform):
    def layer(x):
        grid = F.affine_grid(transform, list(x.shape), align_corners=True)
        return F.grid_sample(x, grid, padding_mode="zeros", align_corners=True)

    return layer


def write_layers(folder):
    cases = Cases(21)
    for name, height, width, to in (
        ("resize_up", 5, 7, (12, 9)),
        ("resize_down", 13, 11, (6, 5)),
        ("resize_stretch", 14, 14, (32, 32)),
    ):
        x = cases.random(1, 3, height, width)
        resize = lambda x, to=to: F.interpolate(x, to, mode="bilinear", align_corners=False)
        cases.add(name, resize, x)

    turned = matrices(rotated(20, 5, 0.8), rotated(-30, -10, 1.2, (0.3, -0.1)))
    cases.add("affine", affine_sampling(turned), cases.random(2, 3, 7, 9), matrices=turned)
    flip = matrices([[-1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, -1, 0]])
    cases.add("affine_flip", affine_sampling(flip), cases.random(2, 3, 6, 5), matrices=flip)

    cases.add("sobel", sobel, cases.random(2, 1, 7, 8))
    for name, height, width, padding in (
        ("max_pool", 6, 8, 0),
        ("max_pool_odd", 7, 5, 0),
        ("max_pool_padded", 6, 8, 1),
        ("max_pool_padded_odd", 7, 5, 1),
    ):
        pool = lambda x, padding=padding: F.max_pool2d(x, 2, 2, padding)
        cases.add(name, pool, cases.random(2, 3, height, width))
    tied = torch.randint(0, 3, (2, 3, 6, 6), generator=cases.generator).double()
    cases.add("max_pool_tied", lambda x: F.max_pool2d(x, 2, 2, 1), tied)
    cases.add("average_pool", lambda x: F.avg_pool2d(x, 3, 1), cases.random(2, 3, 5, 7))
    cases.add("softmax", lambda x: torch.softmax(x, 1), 3 * cases.random(2, 6, 3, 4))

    cases.batch_normalisation("batch_normalisation", rectified=False)
    cases.batch_normalisation("batch_normalisation_rectified", rectified=True)

    cases.convolution("convolution", 9, 10, 3, 1, 1, 4, 6)
    cases.convolution("convolution_dilated", 9, 10, 3, 1, 2, 4, 6)
    cases.convolution("convolution_1x1_padded", 5, 6, 1, 1, 1, 8, 3)
    cases.convolution("convolution_5x5", 8, 7, 5, 2, 1, 3, 5)
    cases.convolution("convolution_wide", 11, 9, 3, 1, 1, 16, 16, images=1)
    cases.convolution("convolution_wide_dilated", 11, 9, 3, 1, 2, 16, 16, images=1)
    safetensors_format.write(folder / "layers.safetensors", cases.tensors)


def write_optimiser(folder):
    generator = torch.Generator().manual_seed(22)
    random = lambda: torch.randn(24, dtype=torch.float64, generator=generator)
    # From far below Adam's epsilon to far above it.
    sizes = 10.0 ** torch.linspace(-10, 1, 24, dtype=torch.float64)
    start = float32_exact(random())
    gradients = [float32_exact(sizes * random()) for _ in range(4)]
    tensors = {}
    for name, epsilon_corrected in (("published", False), ("current", True)):
        value = start.clone().requires_grad_()
        optimiser = adam.Adam([value], learning_rate=1e-3, epsilon_corrected=epsilon_corrected)
        tensors[f"{name}.value"] = start
        for step, gradient in enumerate(gradients, 1):
            value.grad = gradient.clone()
            optimiser.step()
            tensors[f"{name}.gradient_{step}"] = gradient
            tensors[f"{name}.value_{step}"] = value.detach().clone()
    safetensors_format.write(folder / "optimiser.safetensors", tensors)


def main():
    folder = pathlib.Path(sys.argv[1])
    write_layers(folder)
    write_optimiser(folder)


if __name__ == "__main__":
    main()
