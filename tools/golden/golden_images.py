"""Small image files of many kinds and what PIL reads in them: images.safetensors, and the files.
`python golden_images.py FOLDER`; what they are is listed in FOLDER/README.md."""

import pathlib
import sys

import numpy
from PIL import Image

import safetensors_format


def main():
    folder = pathlib.Path(sys.argv[1])
    rows, columns = numpy.mgrid[0:12, 0:18]
    red, green, blue = 10 + 13 * columns, 20 + 19 * rows, 255 - 6 * (rows + columns)
    colour = numpy.stack([red, green, blue], -1).astype(numpy.uint8)
    grey = (7 * rows + 9 * columns).astype(numpy.uint8)
    alpha = numpy.where(rows < 4, 0, numpy.where(rows < 8, 100, 255)).astype(numpy.uint8)
    sixteen = (1000 * columns + 4000 * rows).astype(numpy.uint16)
    expected = {}

    def save(name, image, values, **options):
        image.save(folder / name, **options)
        expected[name] = values if values.ndim == 3 else values[..., None]

    def over_white(values):
        share = alpha[..., None] / 255
        return numpy.round(255 + share * (values.astype(float) - 255)).astype(numpy.uint8)

    rgb = Image.fromarray(colour)
    save("rgb.png", rgb, colour)
    save("grey.png", Image.fromarray(grey), grey)
    rgba = numpy.concatenate([colour, alpha[..., None]], -1)
    save("rgba.png", Image.fromarray(rgba), over_white(colour))
    grey_alpha = Image.merge("LA", [Image.fromarray(grey), Image.fromarray(alpha)])
    save("grey_alpha.png", grey_alpha, over_white(grey[..., None]))
    palette = rgb.quantize(16)
    save("palette.png", palette, numpy.asarray(palette.convert("RGB")))
    save(
        "sixteen.png",
        Image.fromarray(sixteen),
        numpy.round(sixteen / 65535 * 255).astype(numpy.uint8),
    )
    save("rgb.jp2", rgb, colour, irreversible=False)
    for name, image in [("rgb.jpg", rgb), ("grey.jpg", Image.fromarray(grey))]:
        image.save(folder / name, quality=90)
        values = numpy.asarray(Image.open(folder / name))
        expected[name] = values if values.ndim == 3 else values[..., None]
    safetensors_format.write(folder / "images.safetensors", expected)


if __name__ == "__main__":
    main()
