"""Golden views of whole images: views.safetensors, by PIL and torchvision.
`python golden_views.py FOLDER`; what it holds is listed in FOLDER/README.md.

Every transform of the published chains is applied with given parameters, one at a time and in the
chains' order. Images are [height, width, channels] of 8 bits."""

import math
import pathlib
import sys

import numpy
import PIL
import torchvision
import torchvision.transforms.functional as functional
from PIL import Image

import safetensors_format


def picture(generator, height, width, channels):
    """Smooth shapes with noise, some saturated, so that rounding and clamping both show."""
    rows, columns = numpy.mgrid[0:height, 0:width]
    planes = []
    for _ in range(channels):
        phase, frequency = generator.uniform(0, 6, 2), generator.uniform(0.1, 0.5, 2)
        plane = numpy.sin(rows * frequency[0] + phase[0]) * numpy.cos(columns * frequency[1] + phase[1])
        planes.append(128 + 150 * plane + generator.normal(0, 12, (height, width)))
    values = numpy.clip(numpy.stack(planes, -1), 0, 255).astype(numpy.uint8)
    return Image.fromarray(values[..., 0] if channels == 1 else values)


def affine_matrix_0_2_1(size, degrees, translate, scale, shear):
    """torchvision 0.2.1's inverse of the map: C · RSS⁻¹ · C⁻¹ · T⁻¹, by matrices, with
    RSS = scale · [cos a, −sin(a + shear); sin a, cos(a + shear)] about the centre plus a half."""
    angle, sheared = math.radians(degrees), math.radians(degrees + shear)
    centre = numpy.array([size[0] * 0.5 + 0.5, size[1] * 0.5 + 0.5])
    turn = scale * numpy.array(
        [[math.cos(angle), -math.sin(sheared)], [math.sin(angle), math.cos(sheared)]]
    )
    inverse = numpy.linalg.inv(turn)
    offset = centre - inverse @ (centre + numpy.array(translate))
    return [*inverse[0], offset[0], *inverse[1], offset[1]]


def resize(image, rows, columns):
    """Columns first, then rows, as Pillow always did when the method was published; today it takes
    rows first where they become fewer and columns more."""
    image = functional.resize(image, [image.size[1], columns])
    return functional.resize(image, [rows, columns])


def cut_out(image, box):
    image = image.copy()
    image.paste(0 if image.mode == "L" else (0, 0, 0), box=box)
    return image


def jitter(image, steps):
    for name, factor in steps:
        image = getattr(functional, f"adjust_{name}")(image, factor)
    return image


def main():
    generator = numpy.random.default_rng(7)
    images = {
        "digit": picture(generator, 28, 28, 1),
        "photo": picture(generator, 32, 32, 3),
        "wide": picture(generator, 21, 26, 3),
    }
    large = picture(generator, 96, 96, 3)
    results = dict(images, large=large)

    def add(name, image):
        results[name] = image

    for name, image in images.items():
        add(f"{name}.crop", functional.crop(image, 3, 5, 20, 16))
        add(f"{name}.crop_beyond", functional.crop(image, -4, 20, 24, 30))
        add(f"{name}.centre", functional.center_crop(image, 20))
        add(f"{name}.centre_odd", functional.center_crop(image, 21))
        add(f"{name}.flip", functional.hflip(image))
        add(f"{name}.grey", functional.to_grayscale(image))
        for size in [(24, 24), (16, 40), (13, 7)]:
            add(f"{name}.resize_{size[0]}_{size[1]}", resize(image, *size))
        for degrees in [-25, -3.7, 0, 0.4, 12.5, 90, 180, 270, 301]:
            add(f"{name}.rotate_{degrees}", functional.rotate(image, degrees))
        for factor in [0, 0.6, 0.93, 1.17, 2.5]:
            for kind in ["brightness", "contrast", "saturation"]:
                add(f"{name}.{kind}_{factor}", jitter(image, [(kind, factor)]))
        for turn in [-0.5, -0.125, 0, 0.002, 0.0625, 0.5]:
            add(f"{name}.hue_{turn}", jitter(image, [("hue", turn)]))
        for number, (degrees, translate, scale, shear) in enumerate(
            [(0, (0, 0), 1, 0), (18, (3, -2), 1.1, 10), (-11.3, (-3, 1), 0.9, -7.5), (5, (0, 2), 1.05, 3)]
        ):
            matrix = affine_matrix_0_2_1(image.size, degrees, translate, scale, shear)
            add(
                f"{name}.affine_{number}",
                image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR),
            )
        add(f"{name}.cutout", cut_out(image, (6, 2, 18, 14)))
        add(f"{name}.shortest_24", functional.resize(image, 24))
        for number, crop in enumerate(functional.ten_crop(image, 17)):
            add(f"{name}.ten_crop_{number}", crop)

    # The chains, whole, with given parameters.
    digit = images["digit"]
    add(
        "chain.greyscale_second",
        jitter(
            functional.resize(functional.crop(functional.rotate(digit, -17.25), 2, 7, 16, 16), [24, 24]),
            [("hue", 0.1), ("contrast", 1.3), ("saturation", 0.7), ("brightness", 0.8)],
        ),
    )
    add("chain.greyscale_scoring", functional.resize(functional.center_crop(digit, 20), [24, 24]))
    photo = images["photo"]
    add(
        "chain.sobel_second",
        functional.to_grayscale(
            jitter(
                functional.hflip(functional.resize(functional.crop(photo, 9, 1, 20, 20), [32, 32])),
                [("saturation", 1.37), ("hue", -0.11), ("brightness", 0.65), ("contrast", 1.21)],
            )
        ),
    )
    add(
        "chain.sobel_scoring",
        functional.to_grayscale(functional.resize(functional.center_crop(photo, 20), [32, 32])),
    )
    crop = functional.crop(large, 30, 11, 64, 64)
    matrix = affine_matrix_0_2_1(crop.size, -9.5, (4, -6), 0.95, 8.25)
    warped = crop.transform(crop.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    add(
        "chain.semi_supervised",
        functional.to_grayscale(
            jitter(
                functional.hflip(cut_out(warped, (10, 20, 40, 50))),
                [("contrast", 0.77), ("brightness", 1.33), ("hue", 0.07), ("saturation", 0.61)],
            )
        ),
    )

    tensors = {}
    for name, image in results.items():
        values = numpy.asarray(image)
        tensors[name] = values if values.ndim == 3 else values[..., None]
    safetensors_format.write(
        pathlib.Path(sys.argv[1]) / "views.safetensors",
        tensors,
        {"pillow": PIL.__version__, "torchvision": torchvision.__version__},
    )


if __name__ == "__main__":
    main()
