#!/usr/bin/env python3
"""Tests tools/draw_screens.py. Ends with status 77, skipped to CTest, where Pillow is absent."""

import contextlib
import importlib
import io
import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

try:
    from PIL import Image
except ImportError:
    print("skipped: no Pillow")
    sys.exit(77)

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "draw_screens.py")
sys.path.insert(0, os.path.dirname(SCRIPT))
sys.dont_write_bytecode = True
draw_screens = importlib.import_module("draw_screens")


def run(*arguments):
    """(status, what it says of errors)"""
    said, status = io.StringIO(), 0
    with mock.patch.object(sys, "argv", [SCRIPT, *arguments]), contextlib.redirect_stdout(io.StringIO()):
        with contextlib.redirect_stderr(said):
            try:
                draw_screens.main()
            except SystemExit as end:
                # What the interpreter does with a message: it says it, and ends with status 1.
                status = end.code
                if isinstance(status, str):
                    print(status, file=sys.stderr)
                    status = 1
    return status, said.getvalue()


def files_of(folder):
    contents = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), "rb") as file:
            contents[name] = file.read()
    return contents


class DrawScreens(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = kept.name

    def at(self, name):
        return os.path.join(self.folder, name)

    def test_a_seed_gives_the_same_bytes_and_another_seed_others(self):
        arguments = ("--count", "13", "--size", "150x130", "--seed")
        self.assertEqual(run(self.at("first"), *arguments, "1"), (0, ""))
        self.assertEqual(run(self.at("other"), *arguments, "2"), (0, ""))
        # By a process of its own: nothing may depend on what was drawn before, or on how it hashes.
        subprocess.run([sys.executable, SCRIPT, self.at("again"), *arguments, "1"], check=True,
                       stdout=subprocess.DEVNULL)
        first, again, other = (files_of(self.at(name)) for name in ("first", "again", "other"))
        self.assertEqual(first, again)
        self.assertEqual(len(set(first.values()) | set(other.values())), 26)

    def test_a_shorter_set_is_the_beginning_of_a_longer_one(self):
        run(self.at("short"), "--count", "2", "--size", "100x100")
        run(self.at("long"), "--count", "3", "--size", "100x100")
        self.assertLess(files_of(self.at("short")).items(), files_of(self.at("long")).items())

    def draw_all(self):
        for kind in draw_screens.KINDS:
            for size in ((100, 101), (610, 100), (320, 430)):
                with self.subTest(kind=kind, size=size):
                    image = draw_screens.draw(kind, f"{size}", [size])
                    self.assertEqual((image.mode, image.size), ("RGB", size))
                    self.assertTrue(any(low < high for low, high in image.getextrema()))

    def test_every_kind_draws_at_any_size(self):
        self.draw_all()

    def test_every_kind_draws_without_fonts(self):
        page = draw_screens.page
        self.addCleanup(page.find_fonts.cache_clear)
        self.addCleanup(setattr, page, "FONT_FOLDERS", page.FONT_FOLDERS)
        page.find_fonts.cache_clear()
        page.FONT_FOLDERS = [self.folder]
        self.assertEqual(page.find_fonts()[0], ([None], [None]))
        self.draw_all()

    def test_kinds_and_sizes_are_those_asked_for(self):
        run(self.at("set"), "--count", "4", "--kinds", "chart", "scan", "--size", "120x100", "100x120")
        self.assertEqual([name.split("-")[-1] for name in sorted(os.listdir(self.at("set")))],
                         ["chart.png", "scan.png", "chart.png", "scan.png"])
        for name in os.listdir(self.at("set")):
            with Image.open(os.path.join(self.at("set"), name)) as image:
                self.assertIn(image.size, [(120, 100), (100, 120)])

    def test_overwrites_only_when_told(self):
        arguments = (self.folder, "--count", "3", "--size", "100x100")
        taken = self.at("1-0001-editor.png")
        with open(taken, "w", encoding="utf-8") as file:
            file.write("mine")
        status, said = run(*arguments)
        self.assertEqual((status, said), (1, f"draw_screens: {taken} is there already (-f overwrites it)\n"))
        self.assertEqual(files_of(self.folder), {"1-0001-editor.png": b"mine"})
        self.assertEqual(run(*arguments, "-f"), (0, ""))
        self.assertTrue(files_of(self.folder)["1-0001-editor.png"].startswith(b"\x89PNG"))

    def test_says_what_is_wrong(self):
        file = self.at("file")
        with open(file, "w", encoding="utf-8"):
            pass
        for arguments, message in ((("--size", "99x500"), "99x500: not WIDTHxHEIGHT"),
                                   (("--size", "wide"), "wide: not WIDTHxHEIGHT"),
                                   (("--count", "0"), "0: not a number of pictures"),
                                   (("--kinds", "song"), "invalid choice: 'song'")):
            status, said = run(self.at("set"), *arguments)
            self.assertEqual(status, 2)
            self.assertIn(message, said)
        self.assertEqual(run(file, "--count", "1", "--size", "100x100")[0], 1)
        self.assertEqual(os.listdir(self.folder), ["file"])


if __name__ == "__main__":
    unittest.main()
