"""Made-up photographs in the layouts of COCO-Stuff, with exact labels.

    python cocostuff.py FOLDER [--train 24] [--val 8] [--size 420] [--seed 0]

Leaves FOLDER/164k, as COCO-Stuff 164k with the curated lists of Ji et al., and FOLDER/10k, as
COCO-Stuff 10k: the same pictures by other names. Same options, same pixels (JPEG files also depend
on the library that writes them).

Each picture has a sky, plants and ground, most have things on it or other stuff, some of it without
label. Labels are fine indices: 0-90 things, 91-181 stuff, 255 none (10k: from 1, 0 none)."""

import argparse
import pathlib

import numpy
import scipy.io
from PIL import Image, ImageDraw

import textures

SKY, PLANT, GROUND = (105, 156), (123, 168, 128), (148, 110, 153)
THINGS, OTHER_STUFF, UNLABELLED = (0, 2, 18, 19), (127, 134, 154, 172), 255
# Fine classes of sky, plant and ground, and of all stuff: what the published curated lists count.
FEW = [105, 156, 93, 96, 118, 123, 128, 133, 141, 162, 168, 110, 124, 125, 135, 139, 143, 144, 146, 148, 153, 158]
STUFF = list(range(91, 182))


def paint(generator, labels):
    """A colour of its own a region, and a texture of its own a kind."""
    g = generator
    height, width = labels.shape
    image = numpy.zeros((height, width, 3), numpy.float32)
    for label in numpy.unique(labels):
        here = labels == label
        if label in SKY:
            texture, colour = 8 * textures.lattice(g, height, width, 90), (126, 138, 156)
        elif label in PLANT:
            texture, colour = 50 * textures.clumps(g, height, width, 12), (106, 122, 92)
        elif label in GROUND:
            texture, colour = 26 * textures.stripes(height, width, 9, g.uniform(-0.2, 0.2)), (128, 116, 102)
        elif label == UNLABELLED:
            texture, colour = 40 * textures.lattice(g, height, width, 20), (120, 120, 120)
        else:
            texture = 45 * textures.lattice(g, height, width, 16, smooth=False)
            colour = g.uniform(90, 160, 3)
        values = numpy.array(colour) + g.normal(0, 14) + texture[..., None]
        image[here] = values[here]
    image += g.normal(0, 5, image.shape)
    return numpy.clip(numpy.rint(image), 0, 255).astype(numpy.uint8)


def scene(generator, number, size):
    """A picture of `size` pixels or more a side, and its labels."""
    g = generator
    # Every sixth picture is too small for the curated lists.
    height, width = (size - 80 if number % 6 == 5 else size), size + int(g.integers(0, 3)) * 40
    columns = numpy.linspace(0, 1, width)
    def horizon(level, swing):
        waves = [numpy.sin(f * numpy.pi * columns + g.uniform(0, 6)) for f in (2, 5)]
        return (level + swing * (waves[0] + 0.4 * waves[1])) * height
    rows = numpy.arange(height)[:, None]
    labels = numpy.full((height, width), g.choice(GROUND), numpy.uint8)
    labels[rows < horizon(g.uniform(0.55, 0.75), 0.05)[None]] = g.choice(PLANT)
    labels[rows < horizon(g.uniform(0.25, 0.42), 0.05)[None]] = g.choice(SKY)
    drawn = Image.fromarray(labels)
    pen = ImageDraw.Draw(drawn)
    def patch(kinds, smallest, largest):
        x, y = g.uniform(0, width), g.uniform(0.4, 1) * height
        half = g.uniform(smallest, largest) * size / 2
        pen.ellipse((x - half, y - half, x + half, y + half), fill=int(g.choice(kinds)))
    for _ in range(int(g.integers(0, 3))):
        patch(THINGS, 0.1, 0.3)
    if g.uniform() < 0.5:
        patch(OTHER_STUFF, 0.15, 0.45)
    if g.uniform() < 0.3:
        patch((UNLABELLED,), 0.1, 0.2)
    # Every fifth is mostly things, which the curated lists leave out.
    if number % 5 == 4:
        pen.rectangle((0, int(0.3 * height), width, height), fill=int(g.choice(THINGS)))
    labels = numpy.asarray(drawn)
    return paint(g, labels), labels


def is_curated(labels, kinds):
    """As published: at least 360 pixels a side, at least 75 % of them of the kinds kept."""
    return min(labels.shape) >= 360 and numpy.isin(labels, kinds).mean() >= 0.75


def save(image, labels, image_path, label_path):
    for path in (image_path, label_path):
        path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(image_path, quality=92)
    if label_path.suffix == ".png":
        Image.fromarray(labels).save(label_path)
    else:
        shifted = numpy.where(labels == UNLABELLED, 0, labels.astype(numpy.uint16) + 1)
        scipy.io.savemat(label_path, {"S": shifted.astype(numpy.uint8)}, do_compression=True)


def write_list(path, names):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{name}\n" for name in names))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--train", type=int, default=24, help="pictures to train on")
    parser.add_argument("--val", type=int, default=8, help="pictures to validate on")
    parser.add_argument("--size", type=int, default=420, help="pixels a side, at least")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if not 100 <= options.size <= 4000 or not 0 < options.train + options.val <= 100_000:
        parser.error("give a size of 100 to 4000 and 1 to 100000 pictures")

    large, small = options.folder / "164k", options.folder / "10k"
    number, lists = 0, {}
    for split, count in (("train", options.train), ("val", options.val)):
        curated = {"Coco164kFew_Stuff_6": [], "Coco164kFull_Stuff_Coarse_7": []}
        for _ in range(count):
            generator = numpy.random.Generator(numpy.random.Philox([options.seed, number]))
            image, labels = scene(generator, number, options.size)
            name = f"{number + 9:012d}"
            save(
                image, labels, large / "images" / f"{split}2017" / f"{name}.jpg",
                large / "annotations" / f"{split}2017" / f"{name}.png",
            )
            for key, kinds in (("Coco164kFew_Stuff_6", FEW), ("Coco164kFull_Stuff_Coarse_7", STUFF)):
                if is_curated(labels, kinds):
                    curated[key].append(name)
            name = f"COCO_train2014_{name}"
            save(image, labels, small / "images" / f"{name}.jpg", small / "annotations" / f"{name}.mat")
            lists.setdefault("train" if split == "train" else "test", []).append(name)
            number += 1
        for key, names in curated.items():
            write_list(large / "curated" / f"{split}2017" / f"{key}.txt", names)
    for split in ("train", "test"):
        write_list(small / "imageLists" / f"{split}.txt", lists.get(split, []))
    write_list(small / "imageLists" / "all.txt", lists.get("train", []) + lists.get("test", []))
    print(f"{number} pictures")


if __name__ == "__main__":
    main()
