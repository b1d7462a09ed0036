"""Runs a file that `iic export` wrote in ONNX Runtime, and holds it against the tool itself.

    iic export model.safetensors -o model.onnx
    iic segment image.tif --model model.safetensors --refine none \
      --probabilities probabilities.tif -o labels.tif
    python onnx_comparison.py model.onnx image.tif probabilities.tif

or, of a model of whole images:

    iic classify FOLDER --model model.safetensors --probabilities --batch 4096 -o clusters.csv
    python onnx_comparison.py model.onnx FOLDER clusters.csv

All images are one batch in both: a network without running statistics normalises by it. Checks the
file by ONNX's own checker first. Fails where probabilities differ by more than
--tolerance anywhere; pixels without data are left out. Needs numpy, onnx, onnxruntime, rasterio and
Pillow.
"""

import argparse
import csv
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def of_raster(session, path, expected_path):
    import rasterio

    with rasterio.open(path) as raster:
        image = raster.read().astype(np.float32)
    with rasterio.open(expected_path) as raster:
        expected = raster.read()
    found = session.run(None, {"pixels": image[None]})[0][0]
    known = ~np.isnan(expected)
    same = (found.argmax(0) == expected.argmax(0))[known[0]].mean()
    print(f"{known[0].sum()} pixels, same class {100 * same:.4f} %, "
          f"largest probability's mean {np.nanmax(expected, 0)[known[0]].mean():.3f}")
    return found[known], expected[known]


def of_images(session, metadata, table):
    from PIL import Image

    preparation = json.loads(metadata["iic.images"])
    side, bands = session.get_inputs()[0].shape[2], session.get_inputs()[0].shape[1]

    def prepared(path):
        is_grey = bands == 1 and preparation["greyFirst"]
        image = Image.open(path).convert("L" if is_grey else "RGB")
        shortest, crop = preparation["shortestSide"], preparation["cropSize"]
        if min(image.size) != shortest:
            factor = shortest / min(image.size)
            size = [max(shortest, int(extent * factor)) for extent in image.size]
            image = image.resize(size, Image.BILINEAR)
        left, top = (round((extent - crop) / 2) for extent in image.size)
        image = image.crop((left, top, left + crop, top + crop)).resize((side, side), Image.BILINEAR)
        if bands == 1:
            image = image.convert("L")
        return np.asarray(image, np.float32).reshape(side, side, bands).transpose(2, 0, 1)

    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [name for name in rows[0] if name.startswith("probability_")]
    expected = np.array([[float(row[name]) for name in columns] for row in rows], np.float32)
    images = np.stack([prepared(row["path"]) for row in rows])
    found = session.run(None, {"pixels": images})[0]
    same = (found.argmax(1) == expected.argmax(1)).mean()
    print(f"{len(rows)} images, same cluster {100 * same:.2f} %")
    return found, expected


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="the ONNX file")
    parser.add_argument("data", help="a raster, or the folder of images")
    parser.add_argument("expected", help="what the tool gave: a raster of probabilities, or a table")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="default 1e-4")
    options = parser.parse_args()
    onnx.checker.check_model(options.model, full_check=True)
    session = onnxruntime.InferenceSession(options.model, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    if pathlib.Path(options.data).is_dir():
        found, expected = of_images(session, metadata, options.expected)
    else:
        found, expected = of_raster(session, options.data, options.expected)
    difference = np.abs(found - expected).max()
    print(f"largest difference {difference:.2e}")
    if not difference <= options.tolerance:
        sys.exit(1)


if __name__ == "__main__":
    main()
