"""The losses of Invariant Information Clustering (arXiv 1807.06653), NCHW, in PyTorch.

Written from the paper's equations 2 to 5 and the published program's conventions: values below
float64's epsilon are raised to it, both marginals are weighted by lambda, the second view is
brought back to the first one's frame before both are masked.
"""

import sys

import torch
import torch.nn.functional as F

EPSILON = sys.float_info.epsilon


def raised(probability):
    """Raises tiny values to EPSILON; no gradient passes through a raised one."""
    return torch.where(probability < EPSILON, torch.full_like(probability, EPSILON), probability)


def negative_information(joint, weight):
    """-sum P (ln P - weight ln P_i - weight ln P_j) over the last two axes of a symmetric joint."""
    row = raised(joint.sum(-1, keepdim=True).expand_as(joint))
    column = raised(joint.sum(-2, keepdim=True).expand_as(joint))
    joint = raised(joint)
    terms = joint * (joint.log() - weight * row.log() - weight * column.log())
    return -terms.sum((-1, -2))


def symmetric(joint):
    return (joint + joint.transpose(-1, -2)) / 2


def image_loss(x1, x2, weight):
    """Equation 2 and 3: x1, x2 [n, k] -> the loss, and the loss with weight 1."""
    joint = symmetric(torch.einsum("ni,nj->ij", x1, x2))
    joint = joint / joint.sum()
    return negative_information(joint, weight), negative_information(joint, 1.0)


def brought_back(x2, matrices):
    """Samples x2 where `matrices` [n, 2, 3] send the first view's frame; zeros outside."""
    grid = F.affine_grid(matrices, list(x2.shape), align_corners=True)
    return F.grid_sample(x2, grid, mode="bilinear", padding_mode="zeros", align_corners=True)


def displaced_joint(x1, x2, half_side):
    """joint[dy + T, dx + T, i, j] = sum over n, y, x of x1[n, i, y, x] x2[n, j, y + dy, x + dx]."""
    height, width = x1.shape[2:]
    padded = F.pad(x2, (half_side,) * 4)
    displacements = range(2 * half_side + 1)
    rows = []
    for dy in displacements:
        row = []
        for dx in displacements:
            moved = padded[:, :, dy : dy + height, dx : dx + width]
            row.append(torch.einsum("niyx,njyx->ij", x1, moved))
        rows.append(torch.stack(row))
    return torch.stack(rows)


def dense_loss(x1, x2, matrices, mask, weight, half_side, collapsed, constant_norm=False):
    """The segmentation loss (equation 5) of softmax maps x1, x2 [n, k, h, w].

    `matrices` [n, 2, 3] lead from the first view's frame to the second's, `mask` is [n, h, w].
    Collapsed, the displacements' joints are summed before they are scored; uncollapsed, each is
    scored alone and the scores are averaged. `constant_norm` holds the collapsed joint's sum
    constant in the gradient, as the published program does; it changes the gradient by the same
    amount for all classes of a pixel, which the softmax before it cancels.
    """
    mask = mask[:, None]
    joint = displaced_joint(x1 * mask, brought_back(x2, matrices) * mask, half_side)
    if collapsed:
        joint = joint.sum((0, 1))
    norm = joint.sum((-1, -2), keepdim=True)
    if constant_norm:
        norm = norm.detach()
    joint = symmetric(joint / norm)
    return (
        negative_information(joint, weight).mean(),
        negative_information(joint, 1.0).mean(),
    )
