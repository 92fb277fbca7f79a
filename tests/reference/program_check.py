#!/usr/bin/env python3
"""Holds docs/format.md against the program on what the golden files leave out: pictures made here, compressed by the
program, must be decoded by the reference decoder to what they were, or what the program makes of them. $VAEC_PROGRAM:
the program."""

import os
import random
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

import container  # noqa: E402
from decode import decode  # noqa: E402
from model import Model  # noqa: E402
from png import read_png, write_png  # noqa: E402

PROGRAM = os.environ["VAEC_PROGRAM"]
MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "tiny-photo.safetensors")


def walk(source, step, count):
    """Numbers that change little from one to the next."""
    numbers = [128.0]
    while len(numbers) < count:
        numbers.append(min(max(numbers[-1] + source.gauss(0, step), 20), 235))
    return numbers


def correlated(source, kind, f, s, t):
    """Colours that the transform of this kind (section 5.9) is good for."""
    def near(value, by=1):
        return value + source.gauss(0, by)

    if kind in (1, 3):
        t = near(f)
    if kind in (2, 3):
        s = near(f)
    if kind == 5:
        t = near(f, 6)
    if kind == 6:
        f, t = near(f, 5), near(f, 5)
        s = near((f + t) / 2, 6)
    if kind in (4, 5):
        s = near((f + t) / 2)
    return [min(max(round(v), 0), 255) for v in (f, s, t)]


def correlated_picture(kind, order, side=24):
    source = random.Random(10 * kind + order[0])
    numbers = zip(*(walk(source, 9, side * side) for _ in range(3)))
    pixels = []
    for fst in numbers:
        pixel = [0, 0, 0]
        for i, sample in zip(order, correlated(source, kind, *fst)):
            pixel[i] = sample
        pixels.append(pixel)
    return [pixels[i:i + side] for i in range(0, len(pixels), side)]


class ProgramsFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        names = "picture.png", "packed.vaec", "result.png"
        self.picture, self.packed, self.result = (os.path.join(folder.name, name) for name in names)

    def compressed(self, rows, *options, depth=8):
        """The bytes of the file that the program makes."""
        write_png(self.picture, rows, depth)
        subprocess.run([PROGRAM, "compress", "--quiet", "-f", "-j", "1", *options, "-o", self.packed, self.picture],
                       check=True)
        with open(self.packed, "rb") as file:
            return file.read()

    def check_lossless(self, rows, depth=8):
        data = self.compressed(rows, "--lossless", depth=depth)
        self.assertEqual(decode(data).pixels, rows)
        return container.File(data).chunks[container.PLAN][0] & 127

    def check_photo(self, rows, *options, depth=8):
        data = self.compressed(rows, "-m", MODEL, *options, depth=depth)
        subprocess.run([PROGRAM, "decompress", "--quiet", "-f", "-j", "1", "-m", MODEL, "-o", self.result, self.packed],
                       check=True)
        with open(MODEL, "rb") as file:
            picture = decode(data, Model(file.read()))
        found = picture.pixels
        if picture.alpha:
            found = [[pixel + [alpha] for pixel, alpha in zip(*both)] for both in zip(picture.pixels, picture.alpha)]
        self.assertEqual(found, read_png(self.result))
        return container.File(data).chunks

    def test_transforms(self):
        kinds, orders = set(), set()
        for kind in range(7):
            for order in (0, 1, 2), (2, 0, 1), (1, 0, 2):
                with self.subTest(kind=kind, order=order):
                    plan = self.check_lossless(correlated_picture(kind, order))
                    kinds.add(plan // 3 % 7)
                    orders.add(plan // 21)
        # The program need not choose what a picture was made for, but fewer would be little to have seen.
        self.assertGreaterEqual(len(kinds), 6, kinds)
        self.assertGreaterEqual(len(orders), 3, orders)

    def test_a_single_colour(self):
        self.check_lossless([[[7, 8, 9]] * 5] * 4)

    def test_sixteen_bits(self):
        source = random.Random(1)
        self.check_lossless([[[source.randrange(65536) for _ in range(3)] for _ in range(6)] for _ in range(5)], 16)

    def test_narrow_pictures(self):
        source = random.Random(2)
        for width, height in (1, 1), (1, 30), (2, 9), (30, 1):
            with self.subTest(width=width, height=height):
                self.check_lossless([[[source.randrange(40) * 5] for _ in range(width)] for _ in range(height)])

    def test_alpha(self):
        seen = set()
        for values in 1, 2, 3, 16, 17, 200:
            with self.subTest(values=values):
                rows = [[[x * 5 + y, x * 3 + 2 * y, y * 9, (x // 3 * 7 + y // 4 * 3) * 11 % values * (254 // values)]
                         for x in range(40)] for y in range(20)]
                chunks = self.check_photo(rows, "--no-guard")
                bands = container.read_bands(chunks[container.ALPHA], 20, container.MOST_ROWS)
                seen.update(band.stream[0] for band in bands)
        self.assertGreaterEqual(seen, {1, 2, 3, 16}, "numbers of values")
        self.assertTrue(seen & {0, 255}, "planes of samples")

    def test_flat_photos(self):
        """Tiles of the LF image that are nearly flat are fine ones."""
        rows = [[[100 + (x + y) // 16, 120 + x // 24, 90] for x in range(130)] for y in range(70)]
        for quality in "1", "30", "100":
            with self.subTest(quality=quality):
                self.check_photo(rows, "--no-guard", "-q", quality)


if __name__ == "__main__":
    unittest.main()
