"""Surfaces seen from above or in front, made of seeded noise. Arrays are [height, width], float32;
noise has mean 0 and lies within -1…1 or thereabouts."""

import numpy
from PIL import Image


def lattice(generator, height, width, size, smooth=True):
    """Noise whose grains are `size` pixels wide: random values on a lattice, interpolated between."""
    rows, columns = int(height / size) + 3, int(width / size) + 3
    values = generator.uniform(-1, 1, (rows, columns)).astype(numpy.float32)
    image = Image.fromarray(values)
    method = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    left, top = generator.uniform(0.5, 1.5, 2)
    box = (left, top, left + width / size, top + height / size)
    return numpy.asarray(image.resize((width, height), method, box=box))


def grain(generator, height, width):
    """Noise without any neighbourhood, variance 1/3."""
    return generator.uniform(-1, 1, (height, width)).astype(numpy.float32)


def stripes(height, width, period, angle, phase=0.0):
    """Parallel waves, `period` pixels from crest to crest, across the direction of `angle`."""
    rows = numpy.arange(height, dtype=numpy.float32)[:, None]
    columns = numpy.arange(width, dtype=numpy.float32)[None, :]
    across = rows * numpy.float32(numpy.cos(angle)) - columns * numpy.float32(numpy.sin(angle))
    return numpy.sin(across * numpy.float32(2 * numpy.pi / period) + numpy.float32(phase))


def clumps(generator, height, width, size):
    """Light lumps with dark gaps between, as foliage has them."""
    field = numpy.abs(lattice(generator, height, width, size))
    fine = lattice(generator, height, width, size / 2)
    return numpy.clip(1.6 * field + 0.5 * fine - 0.75, -1, 1)
