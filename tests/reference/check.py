#!/usr/bin/env python3
"""Holds docs/format.md against the code: the reference decoder, which is written from the document, must find in each
golden file what the tests of the C++ decoder expect. Their literals stand in those tests alone, and are read there."""

import os
import re
import sys
import unittest

sys.dont_write_bytecode = True

from container import File  # noqa: E402
from conventions import Refuse, crc32c, fnv1a  # noqa: E402
from decode import decode  # noqa: E402
from latent import latent_bytes  # noqa: E402
from model import Model  # noqa: E402
from plan import undo  # noqa: E402
from worked_example import WorkedExample  # noqa: E402, F401

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
GOLDEN = os.path.join(TESTS, "golden")


def contents(*names):
    with open(os.path.join(TESTS, *names), "rb") as file:
        return file.read()


def literals(source, pattern):
    """What the table of a C++ test says, by the name of the golden file."""
    text = contents("codec", source).decode()
    return {name: [int(number, 0) for number in numbers] for name, *numbers in re.findall(pattern, text)}


PHOTOS = literals("golden_test.cpp", r'\{"(photo-v1-\w+\.vaec)", (\d+), (0x[0-9a-f]+), (0x[0-9a-f]+)\}')
LOSSLESS = literals("lossless_codec_test.cpp", r'\{"(lossless-v1-\w+\.vaec)", (0x[0-9a-f]+), (0x[0-9a-f]+)\}')

SHIPPED = set(re.findall(r'"((?:photo|photo-psnr|mnist)-1[\w-]*\.vaec)"', contents("codec", "golden_test.cpp").decode()))
"""Their networks are too large for plain Python."""


class GoldenFiles(unittest.TestCase):
    def test_each_file_is_known_and_each_known_file_is_there(self):
        self.assertTrue(PHOTOS, "no golden photo in golden_test.cpp")
        self.assertTrue(LOSSLESS, "no golden file in lossless_codec_test.cpp")
        found = {name for name in os.listdir(GOLDEN) if name.endswith(".vaec")}
        self.assertEqual(found, set(PHOTOS) | set(LOSSLESS) | SHIPPED)

    def test_photos(self):
        model = Model(contents("golden", "tiny-photo.safetensors"))
        for name, (size, latent, pixels) in PHOTOS.items():
            with self.subTest(name):
                picture = decode(contents("golden", name), model)
                found = latent_bytes(picture.latent16)
                self.assertEqual(len(found), 4 * size, "bytes of the latent")
                self.assertEqual(hex(fnv1a(found)), hex(latent), "hash of the latent")
                self.assertEqual(hex(fnv1a(picture.samples())), hex(pixels), "hash of the pixels")

    def test_lossless_pictures(self):
        for name, (pixels, _) in LOSSLESS.items():
            with self.subTest(name):
                picture = decode(contents("golden", name))
                self.assertEqual(hex(fnv1a(picture.samples())), hex(pixels), "hash of the pixels")


class Checks(unittest.TestCase):
    """What the decoder needs in order to notice anything."""

    def test_crc(self):
        self.assertEqual(crc32c(b"123456789"), 0xE3069283)
        self.assertEqual(crc32c(b""), 0)

    def test_transforms_are_undone(self):
        """Of all kinds: no picture of the golden files has every one."""
        for f, s, t in (0, 0, 0), (255, 0, 9), (3, 250, 77), (8, 9, 254):
            m, g = t + ((f - t) >> 1), s - (t + ((f - t) >> 1))
            transformed = ((f, s, t), (f, s, t - f), (f, s - f, t), (f, s - f, t - f), (f, t, s - ((f + t) >> 1)),
                           (f, t - f, s - ((f + t) >> 1)), (m + (g >> 1), g, f - t))
            for kind, channels in enumerate(transformed):
                with self.subTest(kind=kind, channels=channels):
                    self.assertEqual(undo(kind, *channels), (f, s, t))

    def test_a_changed_byte_is_refused(self):
        data = contents("golden", "lossless-v1-grey.vaec")
        for offset in 0, 4, 5, 8, len(data) // 2, len(data) - 1:
            with self.subTest(offset), self.assertRaises(Refuse):
                File(data[:offset] + bytes([data[offset] ^ 0x80]) + data[offset + 1:])

    def test_a_changed_sample_is_refused(self):
        """Its band's checksum tells, where the file's own is right."""
        data = bytearray(contents("golden", "lossless-v1-grey.vaec"))
        data[-100] ^= 0x10
        data[-4:] = crc32c(data[:-4]).to_bytes(4, "little")
        File(bytes(data))
        with self.assertRaises(Refuse):
            decode(bytes(data))


if __name__ == "__main__":
    unittest.main()
