"""Golden values of the losses and their gradients: losses_image, losses_collapsed,
losses_uncollapsed. `python golden_losses.py FOLDER`; the names are listed in FOLDER/README.md."""

import math
import pathlib
import sys

import torch

import losses
import safetensors_format

IMAGES, CLASSES, HEIGHT, WIDTH = 2, 5, 12, 14


def nhwc(values):
    """NCHW to NHWC, rounded to float32: the layout of every map in the files."""
    return values.detach().permute(0, 2, 3, 1).float().numpy()


def float32_exact(values):
    """Float64 values that float32 holds exactly, so that both sides start from the same numbers."""
    return values.float().double()


def smooth_probabilities(generator, contrast=2.0):
    """Softmax maps [n, k, h, w] with regions a few cells wide."""
    noise = torch.randn(IMAGES, CLASSES, HEIGHT, WIDTH, dtype=torch.float64, generator=generator)
    smooth = torch.nn.functional.avg_pool2d(noise, 3, 1, 1, count_include_pad=False) * 3
    return float32_exact(torch.softmax(contrast * smooth, 1))


def rotated(degrees, shear, scale, shift=(0.0, 0.0)):
    angle, lean = math.radians(degrees), math.radians(shear)
    return [
        [math.cos(angle) * scale, -math.sin(angle + lean) * scale, shift[0]],
        [math.sin(angle) * scale, math.cos(angle + lean) * scale, shift[1]],
    ]


IDENTITY = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
FLIP = [[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def matrices(*rows):
    return float32_exact(torch.tensor(rows, dtype=torch.float64))


def holed_mask():
    mask = torch.ones(IMAGES, HEIGHT, WIDTH, dtype=torch.float64)
    mask[0, 3:7, 5:9] = 0
    mask[1, :, :3] = 0
    mask[1, 11, 13] = 0
    return mask


def seen_through(x2, transform):
    """x2 as the second view shows it when `transform` leads from the first frame to the second."""
    last_row = torch.tensor([[[0.0, 0.0, 1.0]]], dtype=torch.float64).expand(IMAGES, 1, 3)
    inverse = torch.linalg.inv(torch.cat([transform, last_row], 1))[:, :2]
    grid = torch.nn.functional.affine_grid(inverse, list(x2.shape), align_corners=True)
    return float32_exact(
        torch.nn.functional.grid_sample(x2, grid, padding_mode="border", align_corners=True)
    )


def dense_cases(generator):
    """name -> x1, x2, matrices, mask, lambda, half side of the displacement box."""
    x1, x2 = smooth_probabilities(generator), smooth_probabilities(generator)
    x2 = float32_exact(0.7 * x1 + 0.3 * x2)
    whole = torch.ones(IMAGES, HEIGHT, WIDTH, dtype=torch.float64)
    same = matrices(IDENTITY, IDENTITY)
    flipped = matrices(FLIP, IDENTITY)
    affine = matrices(rotated(17, 6, 0.9), rotated(-25, -8, 1.15, (0.1, -0.2)))
    # Two classes nobody uses: their joint probabilities are exactly zero.
    hard1, hard2 = x1.clone(), x2.clone()
    hard1[:, 3:] = 0
    hard2[:, 3:] = 0
    hard1 = float32_exact(hard1 / hard1.sum(1, keepdim=True))
    hard2 = float32_exact(hard2 / hard2.sum(1, keepdim=True))
    return {
        "plain_t0": (x1, x2, same, whole, 1.0, 0),
        "flipped_masked_t1": (x1, seen_through(x2, flipped), flipped, holed_mask(), 1.5, 1),
        "affine_masked_t3": (x1, seen_through(x2, affine), affine, holed_mask(), 1.0, 3),
        "unused_classes_t1": (hard1, seen_through(hard2, flipped), flipped, whole, 1.0, 1),
    }


def write_dense(folder, collapsed):
    tensors = {}
    for name, case in dense_cases(torch.Generator().manual_seed(11)).items():
        x1, x2, transform, mask, weight, half_side = case
        tensors[f"{name}.x1"] = nhwc(x1)
        tensors[f"{name}.x2"] = nhwc(x2)
        tensors[f"{name}.matrices"] = transform
        tensors[f"{name}.mask"] = mask
        tensors[f"{name}.lambda"] = torch.tensor([weight])
        tensors[f"{name}.half_side"] = torch.tensor([float(half_side)])
        for suffix, constant_norm in (("", False), ("_constant_norm", True)):
            if constant_norm and not collapsed:
                continue
            a, b = x1.clone().requires_grad_(), x2.clone().requires_grad_()
            loss, loss_no_lambda = losses.dense_loss(
                a, b, transform, mask, weight, half_side, collapsed, constant_norm
            )
            loss.backward()
            if not constant_norm:
                tensors[f"{name}.loss"] = loss.detach()[None]
                tensors[f"{name}.loss_no_lambda"] = loss_no_lambda.detach()[None]
            tensors[f"{name}.x1_gradient{suffix}"] = nhwc(a.grad)
            tensors[f"{name}.x2_gradient{suffix}"] = nhwc(b.grad)
    form = "collapsed" if collapsed else "uncollapsed"
    safetensors_format.write(folder / f"losses_{form}.safetensors", tensors)


def write_image(folder):
    generator = torch.Generator().manual_seed(12)
    tensors = {}
    logits = 2 * torch.randn(9, 6, dtype=torch.float64, generator=generator)
    noise = torch.randn(9, 6, dtype=torch.float64, generator=generator)
    soft = (float32_exact(torch.softmax(x, 1)) for x in (logits, logits + noise))
    x1, x2 = soft
    labels = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3, 0])
    hard = torch.nn.functional.one_hot(labels, 6).double()
    cases = {
        "plain": (x1, x2, 1.0),
        "weighted": (x1, x2, 1.5),
        "hard": (hard, hard.roll(1, 0), 1.0),
    }
    for name, (first, second, weight) in cases.items():
        a, b = first.clone().requires_grad_(), second.clone().requires_grad_()
        loss, loss_no_lambda = losses.image_loss(a, b, weight)
        loss.backward()
        tensors[f"{name}.x1"] = first
        tensors[f"{name}.x2"] = second
        tensors[f"{name}.lambda"] = torch.tensor([weight])
        tensors[f"{name}.loss"] = loss.detach()[None]
        tensors[f"{name}.loss_no_lambda"] = loss_no_lambda.detach()[None]
        tensors[f"{name}.x1_gradient"] = a.grad
        tensors[f"{name}.x2_gradient"] = b.grad
    safetensors_format.write(folder / "losses_image.safetensors", tensors)


def write_displaced_joint(folder):
    generator = torch.Generator().manual_seed(13)
    tensors = {}
    for half_side in (0, 2):
        x1, x2 = (
            float32_exact(torch.randn(2, 3, 5, 6, dtype=torch.float64, generator=generator))
            for _ in range(2)
        )
        a, b = x1.clone().requires_grad_(), x2.clone().requires_grad_()
        joint = losses.displaced_joint(a, b, half_side)
        gradient = float32_exact(torch.randn(joint.shape, dtype=torch.float64, generator=generator))
        joint.backward(gradient)
        name = f"half_side_{half_side}"
        tensors[f"{name}.x1"] = nhwc(x1)
        tensors[f"{name}.x2"] = nhwc(x2)
        tensors[f"{name}.joint"] = joint.detach()
        tensors[f"{name}.joint_gradient"] = gradient
        tensors[f"{name}.x1_gradient"] = nhwc(a.grad)
        tensors[f"{name}.x2_gradient"] = nhwc(b.grad)
    safetensors_format.write(folder / "displaced_joint.safetensors", tensors)


def main():
    folder = pathlib.Path(sys.argv[1])
    write_image(folder)
    write_dense(folder, collapsed=True)
    write_dense(folder, collapsed=False)
    write_displaced_joint(folder)


if __name__ == "__main__":
    main()
