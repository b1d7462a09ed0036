"""Golden dense SIFT descriptors, by NumPy from their published definition: descriptors.safetensors.
`python golden_descriptors.py FOLDER`; what is in it is listed in FOLDER/README.md.

The definition is Lowe's (IJCV 2004, section 6) on a lattice, at one scale and without rotation:
gradients by central differences, each shared linearly between the two nearest of 8 orientations and
the nearest of 4 x 4 bins, weighted by a Gaussian about the descriptor's middle; scaled to unit
length, cut at 0.2, scaled again. In float64, with exact angles.
"""

import pathlib
import sys

import numpy

import safetensors_format

BINS = 4
ORIENTATIONS = 8
# Standard deviation of the Gaussian, in bins.
WINDOW = 2.0


def oriented_gradients(image):
    """[height, width, orientations]"""
    padded = numpy.pad(image, 1, mode="edge")
    # At the border the difference to the one neighbour that there is, not half of it.
    dx = padded[1:-1, 2:] - padded[1:-1, :-2]
    dy = padded[2:, 1:-1] - padded[:-2, 1:-1]
    dx[:, 1:-1] /= 2
    dy[1:-1] /= 2
    strength = numpy.hypot(dx, dy)
    place = numpy.mod(numpy.arctan2(dy, dx), 2 * numpy.pi) / (2 * numpy.pi) * ORIENTATIONS
    lower = numpy.floor(place).astype(int)
    share = place - lower
    result = numpy.zeros(image.shape + (ORIENTATIONS,))
    rows, columns = numpy.indices(image.shape)
    numpy.add.at(result, (rows, columns, lower % ORIENTATIONS), strength * (1 - share))
    numpy.add.at(result, (rows, columns, (lower + 1) % ORIENTATIONS), strength * share)
    return result


def descriptor(gradients, top, left, bin_size):
    """The descriptor whose first bin's middle is at (top, left)."""
    height, width, _ = gradients.shape
    histogram = numpy.zeros((BINS, BINS, ORIENTATIONS))
    middle = bin_size * (BINS - 1) / 2
    reach = bin_size - 1

    def weight(bin_index, offset):
        from_middle = bin_index * bin_size + offset - middle
        triangle = 1 - abs(offset) / bin_size
        return triangle * numpy.exp(-0.5 * (from_middle / (WINDOW * bin_size)) ** 2)

    for by in range(BINS):
        for bx in range(BINS):
            for oy in range(-reach, reach + 1):
                for ox in range(-reach, reach + 1):
                    # Beyond the border the border's gradients go on.
                    y = min(max(top + by * bin_size + oy, 0), height - 1)
                    x = min(max(left + bx * bin_size + ox, 0), width - 1)
                    histogram[by, bx] += weight(by, oy) * weight(bx, ox) * gradients[y, x]
    values = histogram.reshape(-1)
    values = values / max(numpy.linalg.norm(values), 1e-12)
    values = numpy.minimum(values, 0.2)
    return values / max(numpy.linalg.norm(values), 1e-12)


def descriptors(image, step, bin_size):
    gradients = oriented_gradients(image.astype(numpy.float64))
    extent = (BINS - 1) * bin_size + 1
    rows = range(0, image.shape[0] - extent + 1, step)
    columns = range(0, image.shape[1] - extent + 1, step)
    return numpy.stack(
        [numpy.stack([descriptor(gradients, r, c, bin_size) for c in columns]) for r in rows]
    )


def main():
    folder = pathlib.Path(sys.argv[1])
    generator = numpy.random.default_rng(17)
    y, x = numpy.mgrid[0:43, 0:36]
    # Waves of several directions, an edge, and noise: every orientation and both weak and strong.
    image = 110 + 50 * numpy.sin(x / 2.1 + y / 5) + 35 * numpy.cos(y / 1.7 - x / 9)
    image[20:, 15:] += 45
    image = numpy.clip(image + generator.normal(0, 6, image.shape), 0, 255).astype(numpy.uint8)
    tensors = {"image": image}
    for name, step, bin_size in [("published", 10, 3), ("other", 4, 5)]:
        values = descriptors(image, step, bin_size)
        tensors[name] = numpy.minimum(512 * values, 255)
    safetensors_format.write(
        folder / "descriptors.safetensors", tensors, {"numpy": numpy.__version__}
    )


if __name__ == "__main__":
    main()
