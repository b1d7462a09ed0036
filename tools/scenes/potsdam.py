"""Made-up tiles in the layout and colours of ISPRS's Potsdam benchmark, with exact labels.

    python potsdam.py FOLDER [--tiles 3] [--unlabelled 0] [--size 6000] [--seed 0] [--irrg]

Leaves FOLDER/4_Ortho_RGBIR/top_potsdam_R_C_RGBIR.tif (red, green, blue, infra-red, 8 bits) and
FOLDER/5_Labels_for_participants/top_potsdam_R_C_label.tif (one colour a class), with --irrg also
FOLDER/3_Ortho_IRRG/top_potsdam_R_C_IRRG.tif. Same options, same bytes of every pixel.

Streets, houses, lawns, trees, cars and clutter are drawn on the ground and then clothed. Colours of
different classes overlap on purpose, since every surface is lighter here and darker there: what
tells classes apart is texture, and infra-red a little. Nothing of it shows a real place."""

import argparse
import pathlib

import numpy
import rasterio
import rasterio.transform
from PIL import Image, ImageDraw

import textures

ROAD, BUILDING, LOW, TREE, CAR, CLUTTER = range(6)
COLOURS = numpy.array(
    [[255, 255, 255], [0, 0, 255], [0, 255, 255], [0, 255, 0], [255, 255, 0], [255, 0, 0]],
    numpy.uint8,
)
METRES = 0.05  # a pixel's side


class Layout:
    """What stands where: a class and the number of an object at each pixel."""

    def __init__(self, generator, size):
        self.generator = generator
        self.size = size
        self.scale = 1.0
        self.classes = Image.new("L", (size, size), LOW)
        self.objects = Image.new("I", (size, size), 0)
        self.count = 0
        self.angles = [0.0]
        self.lay_streets()
        self.build()
        self.plant()
        self.scatter()
        self.park()

    def polygon(self, corners, kind, angle=0.0):
        self.count += 1
        self.angles.append(angle)
        ImageDraw.Draw(self.classes).polygon(corners, fill=int(kind))
        ImageDraw.Draw(self.objects).polygon(corners, fill=self.count)
        return self.count

    @staticmethod
    def corners(x, y, length, width, angle):
        along = numpy.array([numpy.cos(angle), numpy.sin(angle)])
        across = numpy.array([-along[1], along[0]])
        signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return [tuple((x, y) + a * length / 2 * along + b * width / 2 * across) for a, b in signs]

    def rectangle(self, x, y, length, width, angle, kind):
        return self.polygon(self.corners(x, y, length, width, angle), kind, angle)

    def lay_streets(self):
        """Streets cross the tile in two directions, here wider and there narrower."""
        g, size = self.generator, self.size
        self.streets = []
        self.turn = g.uniform(-0.3, 0.3)
        reach = 1.5 * size
        for direction in (self.turn, self.turn + numpy.pi / 2):
            offset = -0.75 * size + g.uniform(0, 600)
            while offset < 0.75 * size:
                width = g.uniform(150, 280)
                across = numpy.array([-numpy.sin(direction), numpy.cos(direction)])
                centre = size / 2 + offset * across
                self.rectangle(centre[0], centre[1], 2 * reach, width, direction, ROAD)
                self.streets.append((centre, direction, width))
                offset += width + g.uniform(700, 1300)
        # Yards and squares are paved too.
        for _ in range(self.number(6)):
            x, y = g.uniform(0, size, 2)
            length, width = g.uniform(200, 500, 2)
            self.rectangle(x, y, length, width, self.turn, ROAD)

    def number(self, per_tile):
        """How many of something there are, by how many a full tile has."""
        mean = per_tile * (self.size / 6000) ** 2
        return int(mean) + int(self.generator.uniform() < mean % 1)

    def is_free(self, corners, kinds):
        """Whether none of the kinds lies inside a polygon, part of which lies in the tile."""
        places = numpy.array(corners)
        left, top = numpy.maximum(numpy.floor(places.min(0)).astype(int), 0)
        right, bottom = numpy.minimum(numpy.ceil(places.max(0)).astype(int), self.size)
        if right <= left or bottom <= top:
            return False
        inside = Image.new("1", (int(right - left), int(bottom - top)), 0)
        ImageDraw.Draw(inside).polygon([(x - left, y - top) for x, y in corners], fill=1)
        there = numpy.asarray(self.classes.crop((int(left), int(top), int(right), int(bottom))))
        return not numpy.isin(there[numpy.asarray(inside)], kinds).any()

    def build(self):
        """Houses stand along the streets' directions; some have two wings."""
        g = self.generator
        for _ in range(self.number(2500)):
            x, y = g.uniform(0, self.size, 2)
            length, width = g.uniform(300, 750), g.uniform(240, 420)
            angle = self.turn + g.integers(2) * numpy.pi / 2
            if not self.is_free(self.corners(x, y, length + 60, width + 60, angle), [ROAD, BUILDING]):
                continue
            self.rectangle(x, y, length, width, angle, BUILDING)
            if g.uniform() < 0.4:
                side = length / 2 * numpy.array([numpy.cos(angle), numpy.sin(angle)])
                wing = (x + side[0], y + side[1], width * 1.2, width, angle + numpy.pi / 2)
                if self.is_free(self.corners(*wing), [ROAD]):
                    self.rectangle(*wing, BUILDING)

    def plant(self):
        """Trees stand in groups and alone."""
        g = self.generator
        for _ in range(self.number(220)):
            x, y = g.uniform(0, self.size, 2)
            spread = g.uniform(100, 320)
            for _ in range(int(g.integers(2, 12))):
                self.disc(*g.normal((x, y), spread), g.uniform(60, 140))
        for _ in range(self.number(320)):
            self.disc(*g.uniform(0, self.size, 2), g.uniform(45, 110))

    def disc(self, x, y, radius):
        g = self.generator
        turns = numpy.linspace(0, 2 * numpy.pi, 24, endpoint=False)
        radii = radius * (1 + 0.12 * numpy.sin(3 * turns + g.uniform(0, 6)) + g.uniform(-0.06, 0.06, 24))
        crown = [(x + r * numpy.cos(t), y + r * numpy.sin(t)) for r, t in zip(radii, turns)]
        if self.is_free(crown, [ROAD, BUILDING]):
            self.polygon(crown, TREE)

    def scatter(self):
        """Containers, pools and heaps on open ground."""
        g = self.generator
        for _ in range(self.number(160)):
            x, y = g.uniform(0, self.size, 2)
            heap = (x, y, g.uniform(120, 300), g.uniform(80, 200), g.uniform(0, numpy.pi))
            if self.is_free(self.corners(*heap), [ROAD, BUILDING]):
                self.rectangle(*heap, CLUTTER)

    def park(self):
        """Cars stand and drive along the streets."""
        g = self.generator
        for _ in range(self.number(450)):
            centre, direction, width = self.streets[g.integers(len(self.streets))]
            along = g.uniform(-0.75, 0.75) * self.size
            lane = g.choice([-0.36, -0.16, 0.16, 0.36]) * width
            x = centre[0] + along * numpy.cos(direction) - lane * numpy.sin(direction)
            y = centre[1] + along * numpy.sin(direction) + lane * numpy.cos(direction)
            car = (x, y, g.uniform(80, 100), g.uniform(34, 40), direction)
            if self.is_free(self.corners(*car), [CAR, BUILDING, LOW, TREE, CLUTTER]):
                self.rectangle(*car, CAR)


def clothe(generator, layout):
    """Red, green, blue and infra-red of every pixel, [4, size, size] of 8 bits."""
    g, size = generator, layout.size
    kinds = numpy.asarray(layout.classes)
    objects = numpy.asarray(layout.objects)
    count = layout.count + 1
    # Each object is lighter or darker than its like, and of a tint of its own.
    light = g.normal(0, 13, count).astype(numpy.float32)
    tint = g.normal(0, 4, (3, count)).astype(numpy.float32)
    light[0], tint[:, 0] = 0, 0
    fine = textures.grain(g, size, size)

    texture = numpy.zeros((size, size), numpy.float32)
    base = numpy.zeros((4, 6), numpy.float32)
    base[:, ROAD] = (112, 110, 106, 100)
    base[:, BUILDING] = (120, 106, 98, 104)
    base[:, LOW] = (106, 112, 94, 116)
    base[:, TREE] = (98, 106, 88, 120)
    base[:, CAR] = (118, 116, 116, 104)
    base[:, CLUTTER] = (116, 108, 100, 106)

    def put(kind, values):
        numpy.copyto(texture, values, where=kinds == kind)

    # Asphalt: patches and a fine grain, nothing between.
    put(ROAD, 18 * textures.lattice(g, size, size, 300) + 10 * textures.lattice(g, size, size, 3))
    put(CAR, 40 * textures.lattice(g, size, size, 24, smooth=False))
    # Roofs: courses of tiles across the house, more distinct here than there.
    for angle in (layout.turn, layout.turn + numpy.pi / 2):
        own = numpy.abs(numpy.sin(numpy.array(layout.angles, numpy.float32) - angle)) < 0.1
        courses = textures.stripes(size, size, 15, angle)
        courses *= 1 + 0.5 * textures.lattice(g, size, size, 60)
        numpy.copyto(texture, 42 * courses, where=(kinds == BUILDING) & own[objects])
    # Lawns: tufts; trees: lumps of leaves with shade between.
    put(LOW, 36 * textures.lattice(g, size, size, 14) + 16 * textures.lattice(g, size, size, 400))
    put(TREE, 52 * textures.clumps(g, size, size, 18))
    put(CLUTTER, 48 * textures.stripes(size, size, 17, 0.8) * textures.lattice(g, size, size, 40, smooth=False))

    texture += light[objects]
    # Low sun through thin cloud, and the camera's vignette.
    texture += 9 * textures.lattice(g, size, size, size / 2.5)
    bands = []
    for band, share in enumerate((1.0, 1.02, 0.95, 0.9)):
        values = base[band][kinds] + share * texture
        if band < 3:
            values += tint[band][objects]
        # Leaves scatter infra-red: it varies more among plants than elsewhere.
        if band == 3:
            values += numpy.where((kinds == LOW) | (kinds == TREE), 0.35 * texture, 0)
        values += 9 * textures.grain(g, size, size) + 7 * fine
        bands.append(numpy.clip(numpy.rint(values), 0, 255).astype(numpy.uint8))
    return numpy.stack(bands)


def write(path, bands, row, column, size, interpretation):
    path.parent.mkdir(parents=True, exist_ok=True)
    left, top = 366_000 + column * size * METRES, 5_812_000 - row * size * METRES
    profile = dict(
        driver="GTiff", width=size, height=size, count=len(bands), dtype="uint8",
        crs="EPSG:32633", transform=rasterio.transform.from_origin(left, top, METRES, METRES),
        photometric=interpretation,
    )
    with rasterio.open(path, "w", **profile) as file:
        file.write(bands)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tiles", type=int, default=3, help="how many tiles")
    parser.add_argument("--unlabelled", type=int, default=0, help="how many of them get no label")
    parser.add_argument("--size", type=int, default=6000, help="pixels a side")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--irrg", action="store_true", help="infra-red, red, green as well")
    options = parser.parse_args()
    if not 1 <= options.size <= 20_000 or not 0 <= options.unlabelled <= options.tiles <= 100:
        parser.error("give a size of 1 to 20000, up to 100 tiles, and no more unlabelled than tiles")

    for number in range(options.tiles):
        # As on the spot: rows 2 to 7, columns 7 and on.
        row, column = 2 + number % 6, 7 + number // 6
        generator = numpy.random.Generator(numpy.random.Philox([options.seed, number]))
        layout = Layout(generator, options.size)
        bands = clothe(generator, layout)
        name = f"top_potsdam_{row}_{column}"
        place = (row, column, options.size)
        write(options.folder / "4_Ortho_RGBIR" / f"{name}_RGBIR.tif", bands, *place, "MINISBLACK")
        if options.irrg:
            write(options.folder / "3_Ortho_IRRG" / f"{name}_IRRG.tif", bands[[3, 0, 1]], *place, "RGB")
        if number < options.tiles - options.unlabelled:
            labels = COLOURS[numpy.asarray(layout.classes)].transpose(2, 0, 1)
            write(options.folder / "5_Labels_for_participants" / f"{name}_label.tif", labels, *place, "RGB")
        print(f"{name}: {options.size} × {options.size} pixels")


if __name__ == "__main__":
    main()
