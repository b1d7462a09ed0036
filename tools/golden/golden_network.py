"""Golden values of a small SegmentationNet10aTwoHead: its outputs, one whole training step with
either loss, and ten steps' losses: network_*. `python golden_network.py FOLDER [--float32]`; the
names are listed in FOLDER/README.md. --float32 computes in PyTorch's float32 instead, which shows
how far from the float64 values an honest float32 implementation ends up."""

import copy
import pathlib
import sys

import torch
import torch.nn.functional as F

import losses
import safetensors_format
import segmentation_net10a
from adam import Adam
from golden_losses import FLIP, IDENTITY, float32_exact, matrices, nhwc, rotated

SETTINGS = segmentation_net10a.configuration(
    two_heads=True, inputSize=32, overclusters=7, classes=3, subHeads=2, width=0.125
)
SIZE = SETTINGS["inputSize"]
BANDS = [{"name": f"band {number}", "offset": 0, "scale": 1} for number in range(1, 5)]
LEARNING_RATE = 1e-3


def scene(generator):
    """Two images [2, 4, 32, 32] in 0...1: a few regions of one colour each, and texture."""
    coarse = torch.randn(2, 5, 6, 6, dtype=torch.float64, generator=generator)
    regions = F.interpolate(coarse, (SIZE, SIZE), mode="bilinear", align_corners=True).argmax(1)
    colours = torch.rand(5, 4, dtype=torch.float64, generator=generator)
    texture = torch.randn(2, 4, SIZE, SIZE, dtype=torch.float64, generator=generator)
    image = colours[regions].permute(0, 3, 1, 2) + 0.08 * texture
    return float32_exact(image.clamp(0, 1))


def pair_batches():
    """Two batches of two pairs: view 1, view 2 (brighter or darker, and warped), the matrices from
    the first view's frame to the second's, and the first view's mask."""
    generator = torch.Generator().manual_seed(31)
    batches = []
    affine = rotated(20, 5, 0.9)
    for first, second in ((FLIP, IDENTITY), (affine, FLIP)):
        view1 = scene(generator)
        transform = matrices(first, second)
        last_row = torch.tensor([[[0.0, 0.0, 1.0]]] * 2, dtype=torch.float64)
        inverse = torch.linalg.inv(torch.cat([transform, last_row], 1))[:, :2]
        gain = 1 + 0.2 * torch.randn(2, 4, 1, 1, dtype=torch.float64, generator=generator)
        view2 = float32_exact((losses.brought_back(view1, inverse) * gain).clamp(0, 1))
        mask = torch.ones(2, SIZE, SIZE, dtype=torch.float64)
        mask[0, 20:28, 4:11] = 0
        batches.append((view1, view2, transform, mask))
    return batches


def initial_network():
    network = segmentation_net10a.SegmentationNet10a(SETTINGS)
    segmentation_net10a.randomise(network, torch.Generator().manual_seed(32))
    return network


def head_loss(head, features1, features2, batch, half_side, weight, collapsed):
    """The mean over the sub-heads, [loss, loss with lambda 1]."""
    _, _, transform, mask = batch
    each = [
        losses.dense_loss(x1, x2, transform, mask, weight, half_side, collapsed)
        for x1, x2 in zip(head(features1), head(features2))
    ]
    return torch.stack([torch.stack(pair) for pair in each]).mean(0)


def step(network, optimiser, heads, batch, half_side, weight, collapsed):
    """One training step; returns each head's [loss, loss with lambda 1]. The views are two passes
    of the trunk: two sets of batch statistics, two updates of the running ones."""
    optimiser.zero_gradients()
    features1, features2 = network.trunk(batch[0]), network.trunk(batch[1])
    values = [
        head_loss(head, features1, features2, batch, half_side, weight, collapsed)
        for head in heads
    ]
    sum(value[0] for value in values).backward()
    optimiser.step()
    return [value.detach() for value in values]


def checkpoint(tensors):
    """A state dict without the batch counters, OIHW."""
    return {name: v for name, v in tensors.items() if not name.endswith("num_batches_tracked")}


def write_outputs(folder, network, batches):
    tensors = {}
    view = batches[0][0]
    single = segmentation_net10a.SegmentationNet10a(
        {name: value for name, value in SETTINGS.items() if name != "overclusters"}
    ).to(view.dtype)
    single.load_state_dict(
        {
            name.replace("head_B.", "head."): values
            for name, values in network.state_dict().items()
            if not name.startswith("head_A.")
        }
    )
    with torch.no_grad():
        network.eval()
        features = network.trunk(view[:1])
        for name, head in (("head_A", network.head_A), ("head_B", network.head_B)):
            for index, output in enumerate(head(features)):
                tensors[f"evaluation.{name}.{index}"] = nhwc(output)
        single.eval()
        for index, output in enumerate(single.head(single.trunk(view[:1]))):
            # The single-headed network with head B's weights answers as head B does.
            assert (nhwc(output) == tensors[f"evaluation.head_B.{index}"]).all()
        training = copy.deepcopy(network).train()
        tensors["training.head_B.0"] = nhwc(training.head_B(training.trunk(view))[0])
    safetensors_format.write(folder / "network_outputs.safetensors", tensors)


def write_steps(folder, network, batches):
    summary = {}
    for name, batch, half_side, weight, collapsed in (
        ("uncollapsed", batches[0], 1, 1.0, False),
        ("collapsed", batches[1], 2, 1.5, True),
    ):
        trained = copy.deepcopy(network).train()
        optimiser = Adam(trained.parameters(), LEARNING_RATE)
        (values,) = step(
            trained, optimiser, [trained.head_A], batch, half_side, weight, collapsed
        )
        gradients = {n: p.grad for n, p in trained.named_parameters() if p.grad is not None}
        updated = {n: v for n, v in checkpoint(trained.state_dict()).items() if "head_B" not in n}
        if collapsed:
            updated = {n: v for n, v in updated.items() if v.numel() < 2000}
        safetensors_format.write(folder / f"network_{name}_gradients.safetensors", gradients)
        safetensors_format.write(folder / f"network_{name}_updated.safetensors", updated)
        summary[f"{name}.loss"] = values[:1]
        summary[f"{name}.loss_no_lambda"] = values[1:]
        summary[f"{name}.half_side"] = torch.tensor([float(half_side)])
        summary[f"{name}.lambda"] = torch.tensor([weight])

    for adam, epsilon_corrected in (("", False), ("_current_adam", True)):
        for name in ("alternating", "together"):
            trained = copy.deepcopy(network).train()
            optimiser = Adam(trained.parameters(), LEARNING_RATE, epsilon_corrected)
            series = []
            for index in range(10):
                heads = [trained.head_A, trained.head_B]
                if name == "alternating":
                    heads = [heads[index // 2 % 2]]
                series.append(step(trained, optimiser, heads, batches[index % 2], 1, 1.0, False))
            series = torch.stack([torch.stack(values)[:, 0] for values in series])
            summary[f"{name}.losses{adam}"] = series.squeeze(1)
    safetensors_format.write(folder / "network_steps.safetensors", summary)


def main():
    folder = pathlib.Path(sys.argv[1])
    kind = torch.float32 if "--float32" in sys.argv else torch.float64
    network = initial_network()
    segmentation_net10a.write_model(folder / "network_model.safetensors", network, SETTINGS, BANDS)
    network = network.to(kind)
    batches = [tuple(values.to(kind) for values in batch) for batch in pair_batches()]
    tensors = {}
    for index, (view1, view2, transform, mask) in enumerate(batches):
        tensors[f"batch_{index}.view_1"] = nhwc(view1)
        tensors[f"batch_{index}.view_2"] = nhwc(view2)
        tensors[f"batch_{index}.matrices"] = transform
        tensors[f"batch_{index}.mask"] = mask
    safetensors_format.write(folder / "network_batches.safetensors", tensors)
    write_outputs(folder, network, batches)
    write_steps(folder, network, batches)


if __name__ == "__main__":
    main()
