"""Golden patches of the segmentation datasets: patches.safetensors, by OpenCV, PIL, torchvision and
PyTorch. `python golden_patches.py FOLDER`; what it holds is listed in
FOLDER/README.md.

Every path from a published image to what the network sees is gone through with given parameters.
Images are [height, width, bands]; labels [height, width], as bytes."""

import pathlib
import sys

import cv2
import numpy
import torch
import torchvision
import torchvision.transforms.functional as functional
from PIL import Image

import safetensors_format


def picture(generator, height, width, bands):
    """Smooth shapes with noise, some saturated."""
    rows, columns = numpy.mgrid[0:height, 0:width]
    planes = []
    for _ in range(bands):
        phase, frequency = generator.uniform(0, 6, 2), generator.uniform(0.05, 0.4, 2)
        plane = numpy.sin(rows * frequency[0] + phase[0]) * numpy.cos(columns * frequency[1] + phase[1])
        planes.append(128 + 150 * plane + generator.normal(0, 12, (height, width)))
    return numpy.clip(numpy.stack(planes, -1), 0, 255).astype(numpy.uint8)


def mosaic(generator, height, width, values):
    """Labels in cells of five by seven pixels, with single pixels of others."""
    cells = generator.choice(values, (height // 5 + 1, width // 7 + 1))
    labels = cells.repeat(5, 0).repeat(7, 1)[:height, :width].astype(numpy.int32)
    specks = generator.uniform(size=labels.shape) < 0.05
    labels[specks] = generator.choice(values, specks.sum())
    return labels


def scaled(image, labels, factor):
    size = dict(dsize=None, fx=factor, fy=factor)
    image = cv2.resize(image, **size, interpolation=cv2.INTER_LINEAR)
    return image, cv2.resize(labels, **size, interpolation=cv2.INTER_NEAREST)


def padded(image, side):
    """Zeros around an image that is too small, the image in the middle."""
    height, width = image.shape[:2]
    result = numpy.zeros((max(height, side), max(width, side), *image.shape[2:]), image.dtype)
    top, left = result.shape[0] // 2 - height // 2, result.shape[1] // 2 - width // 2
    result[top : top + height, left : left + width] = image
    return result


def crop(image, side, row=None, column=None):
    """A square of the padded image: at a place, or in the middle."""
    image = padded(image, side)
    row = image.shape[0] // 2 - side // 2 if row is None else row
    column = image.shape[1] // 2 - side // 2 if column is None else column
    return image[row : row + side, column : column + side]


def views(image, steps, degrees, flips):
    """Both views, 0 to 1, and the matrix back: colours, then an affine map, then a flip."""
    visible = Image.fromarray(image[..., :3])
    for name, factor in steps:
        visible = getattr(functional, f"adjust_{name}")(visible, factor)
    second = numpy.concatenate([numpy.asarray(visible), image[..., 3:]], -1)
    first, second = (x.astype(numpy.float32) / 255 for x in (image, second))
    second = torch.from_numpy(second).permute(2, 0, 1)
    back = numpy.eye(3, dtype=numpy.float32)
    if degrees:
        angle, shear, size = numpy.radians(degrees[0]), numpy.radians(degrees[1]), degrees[2]
        there = numpy.array(
            [
                [size * numpy.cos(angle), -size * numpy.sin(angle + shear), 0],
                [size * numpy.sin(angle), size * numpy.cos(angle + shear), 0],
                [0, 0, 1],
            ],
            numpy.float32,
        )
        grid = torch.nn.functional.affine_grid(
            torch.from_numpy(there[None, :2]), [1, *second.shape], align_corners=True
        )
        second = torch.nn.functional.grid_sample(
            second[None], grid, padding_mode="zeros", align_corners=True
        )[0]
        back = numpy.linalg.inv(there)
    if flips:
        second = torch.flip(second, [2])
        back[0] *= -1
    return first, second.permute(1, 2, 0).numpy(), back[:2]


def levels(view):
    """A view of whole levels of 8 bits."""
    values = numpy.rint(view * 255)
    assert numpy.abs(values - view * 255).max() < 1e-3
    return values.astype(numpy.uint8)


def main():
    folder = pathlib.Path(sys.argv[1])
    generator = numpy.random.default_rng(11)
    results = {}

    # A tile halved whole, and its labels.
    tile = picture(generator, 24, 32, 4)
    labels = mosaic(generator, 24, 32, range(6))
    results["tile"], results["tile.labels"] = tile, labels
    results["tile.halved"], results["tile.labels_halved"] = scaled(tile, labels, 0.5)

    # Potsdam: no scaling; red, green, blue, infra-red; jitter of 0.1.
    side = 40
    steps = [("hue", -0.07), ("contrast", 1.08), ("brightness", 0.92), ("saturation", 1.05)]
    block = picture(generator, side, side, 4)
    results["block"] = block
    for name, degrees, flips in (("plain", None, False), ("flip", None, True), ("affine", (17, -6, 1.1), True)):
        first, second, back = views(crop(block, side), steps, degrees, flips)
        results[f"block.{name}.first"], results[f"block.{name}.second"] = levels(first), second
        results[f"block.{name}.matrix"] = back

    # COCO-Stuff: scaled by 0.33; blue, green, red as OpenCV reads them; labels -1 (none) to 181,
    # of which classes from 91 count.
    photo = picture(generator, 151, 122, 3)
    fine = mosaic(generator, 151, 122, [-1, 0, 17, 90, 91, 105, 148, 181])
    results["photo"], results["photo.labels"] = photo, fine + 1
    small, small_labels = scaled(photo.astype(numpy.float32), fine, 0.33)
    results["photo.scaled"] = small
    # What padding adds is class 0, a thing.
    side = 32
    for name, factor, row, column in (("plain", None, 5, 0), ("random", 1.37, 11, 9), ("small", 0.71, 0, 0)):
        image, kinds = (small, small_labels) if factor is None else scaled(small, small_labels, factor)
        bytes_ = crop(image, side, row, column).astype(numpy.uint8)
        first, second, back = views(
            bytes_, [("saturation", 1.37), ("brightness", 0.65), ("contrast", 1.21), ("hue", 0.11)], None, True
        )
        results[f"photo.{name}.first"], results[f"photo.{name}.second"] = levels(first), levels(second)
        results[f"photo.{name}.matrix"] = back
        results[f"photo.{name}.mask"] = crop(kinds, side, row, column) >= 91
        results[f"photo.{name}.grey"] = cv2.cvtColor(bytes_, cv2.COLOR_RGB2GRAY)[..., None]
    results["photo.scoring"] = crop(small, side).astype(numpy.float32) / 255
    results["photo.scoring_labels"] = crop(small_labels, side) + 1

    tensors = {}
    for name, values in results.items():
        if values.dtype in (numpy.int32, numpy.bool_):
            values = values.astype(numpy.uint8)
        tensors[name] = values
    safetensors_format.write(
        folder / "patches.safetensors",
        tensors,
        {"opencv": cv2.__version__, "torchvision": torchvision.__version__, "torch": torch.__version__},
    )


if __name__ == "__main__":
    main()
