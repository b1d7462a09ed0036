"""Class probabilities of a whole raster computed in one piece: what tiled labelling must match.

The trunk sees the raster as one image. Its cell (i, j) lies at pixel (2i + 4.5, 2j + 4.5); each
cell's softmax is interpolated bilinearly to the pixels between the cells. Near the raster's edge
the network's zero padding is felt here and a reflected edge in the tool, so only pixels at least
20 from every edge compare. With --compare, prints the largest difference there and fails when it
is above --tolerance.
"""

import argparse
import sys

import numpy as np
import torch

import segmentation_net10a

MARGIN = 20
FIRST_CELL = 4.5


def read_raster(path):
    """[h, w, bands], float32, from a .npy file of that layout or anything GDAL reads."""
    if path.endswith(".npy"):
        values = np.load(path)
        return values.astype(np.float32).reshape(*values.shape[:2], -1)
    import rasterio

    with rasterio.open(path) as raster:
        return raster.read().transpose(1, 2, 0).astype(np.float32)


def between_cells(cells, size, axis):
    """Interpolates linearly along `axis` to pixels 0 ..< size; NaN before the first cell and after
    the last."""
    position = (torch.arange(size, dtype=cells.dtype) - FIRST_CELL) / 2
    last = cells.shape[axis] - 1
    before = position.floor().clamp(0, last - 1).long()
    fraction = position - before
    fraction[(fraction < 0) | (fraction > 1)] = float("nan")
    shape = [1] * cells.dim()
    shape[axis] = size
    fraction = fraction.reshape(shape)
    first, second = cells.index_select(axis, before), cells.index_select(axis, before + 1)
    return first * (1 - fraction) + second * fraction


@torch.no_grad()
def probabilities(model, raster, sub_head=0):
    """[h, w, classes] of the classes' head (head B where there are two)."""
    network, settings, bands = segmentation_net10a.read_model(model)
    if not settings["batchNormTracking"]:
        raise ValueError(f"{model}: without running statistics a label depends on its surroundings")
    if len(bands) != raster.shape[2]:
        raise ValueError(f"{model} takes {len(bands)} bands, the raster has {raster.shape[2]}")
    offset = np.array([band["offset"] for band in bands], dtype=np.float64)
    scale = np.array([band["scale"] for band in bands], dtype=np.float64)
    image = torch.tensor(((raster - offset) / scale).transpose(2, 0, 1)[None].astype(np.float32))
    head = network.head_B if "overclusters" in settings else network.head
    weight = head.heads[sub_head][0].weight
    cells = torch.softmax(torch.nn.functional.conv2d(network.trunk(image), weight), 1)
    cells = cells[0].permute(1, 2, 0).double()
    rows = between_cells(cells, raster.shape[0], axis=0)
    return between_cells(rows, raster.shape[1], axis=1).float().numpy()


def interior(values):
    return values[MARGIN:-MARGIN, MARGIN:-MARGIN]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="model file (.safetensors)")
    parser.add_argument("raster", help=".npy [h, w, bands], or a raster GDAL reads")
    parser.add_argument("--output", help="write the probabilities, .npy [h, w, classes], here")
    parser.add_argument("--compare", help="probabilities to compare with: .npy or a raster")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="default 1e-4")
    parser.add_argument("--sub-head", type=int, default=0, help="default 0")
    arguments = parser.parse_args()
    if not (arguments.output or arguments.compare):
        parser.error("say --output or --compare")
    values = probabilities(arguments.model, read_raster(arguments.raster), arguments.sub_head)
    if arguments.output:
        np.save(arguments.output, values)
    if arguments.compare:
        other = read_raster(arguments.compare)
        if other.shape != values.shape:
            sys.exit(f"{arguments.compare} is {other.shape}, expected {values.shape}")
        difference = np.abs(interior(values) - interior(other)).max()
        same = (interior(values).argmax(2) == interior(other).argmax(2)).mean()
        spread = interior(values).std((0, 1)).max()
        print(f"largest difference {difference:.2e}, same class {100 * same:.3f}%, "
              f"largest standard deviation of a class {spread:.3f}")
        if not difference <= arguments.tolerance:
            sys.exit(1)


if __name__ == "__main__":
    main()
