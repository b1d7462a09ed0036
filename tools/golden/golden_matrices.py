"""Golden MAT files of version 5, by SciPy, and what they hold: matrices.safetensors.
`python golden_matrices.py FOLDER`; what is in them is listed in FOLDER/README.md."""

import pathlib
import sys

import numpy
import scipy
import scipy.io

import safetensors_format


def main():
    folder = pathlib.Path(sys.argv[1])
    generator = numpy.random.default_rng(13)
    image = generator.integers(0, 256, (12, 10, 4), numpy.uint8)
    labels = generator.integers(0, 6, (12, 10), numpy.int32)
    annotation = generator.integers(0, 183, (20, 30)).astype(numpy.uint8)

    # As the blocks of the authors' archive are stored.
    scipy.io.savemat(folder / "block_img.mat", {"img": image})
    scipy.io.savemat(folder / "block_gt.mat", {"gt": labels})
    # As an annotation of COCO-Stuff 10k: compressed, between other variables, of several kinds.
    others = {
        "captions": numpy.array(["a dog", "grass"], object),
        "S": annotation,
        "names": numpy.array(["unlabeled"], object),
        "complex": numpy.array([[1 + 2j]]),
        "halves": numpy.array([[0.5, 1.0]]),
        "doubles": labels.astype(numpy.float64) - 3,
    }
    scipy.io.savemat(folder / "annotation.mat", others, do_compression=True)

    safetensors_format.write(
        folder / "matrices.safetensors",
        {"img": image, "gt": labels.astype(numpy.uint8), "S": annotation},
        {"scipy": scipy.__version__},
    )


if __name__ == "__main__":
    main()
