#!/usr/bin/env python3
"""Draws pictures such as screens show: windows, code, web pages, tables, charts, maps, scans, pixel art.

    tools/draw_screens.py FOLDER [--count N] [--seed S] [--size WxH ...] [--kinds KIND ...] [-f]

All in them is made here, by chance; only the outlines of letters come from the TrueType fonts that are
installed (without any, from Pillow). One seed gives the same pictures wherever fonts and Pillow are the same,
other seeds give others: train with one, test with another. Needs Pillow (Debian: python3-pil).
"""

import argparse
import itertools
import os
import random
import re
import sys

sys.dont_write_bytecode = True  # nothing is left beside the sources
try:
    from screens import graphics, page, raster, windows
except ImportError as missing:
    if missing.name != "PIL":
        raise
    sys.exit("draw_screens: needs Pillow (Debian: python3-pil)")

KINDS = {
    "desktop": windows.desktop,
    "editor": windows.editor,
    "terminal": windows.terminal,
    "web": windows.web,
    "sheet": windows.sheet,
    "chart": graphics.chart,
    "map": graphics.town_map,
    "diagram": graphics.diagram,
    "scan": raster.scan,
    "pixels": raster.pixel_art,
    "dither": raster.dither,
    "halftone": raster.halftone,
    "pattern": raster.pattern
}

# About a megapixel each; no side is a multiple of 64, so that pictures end amid a block.
SIZES = [(1180, 820), (1366, 705), (1000, 750), (828, 1190), (1250, 790), (940, 1080)]
LARGEST = 16384


def size_of(text):
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    size = tuple(int(side) for side in match.groups()) if match else (0, 0)
    if not all(page.SMALLEST <= side <= LARGEST for side in size):
        wanted = f"WIDTHxHEIGHT with sides of {page.SMALLEST} to {LARGEST} pixels"
        raise argparse.ArgumentTypeError(f"{text}: not {wanted}")
    return size


def count_of(text):
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        raise argparse.ArgumentTypeError(f"{text}: not a number of pictures, 1 to 999999")
    return int(text)


def draw(kind, name, sizes):
    """The picture of that name, the same in a set of any length."""
    rng = random.Random(name)
    picture = page.Page(rng, *rng.choice(sizes))
    KINDS[kind](picture)
    return picture.image


def write(image, path):
    """Whole or not at all."""
    temporary = path + ".part"
    try:
        image.save(temporary, "PNG")
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", metavar="FOLDER", help="where the PNG files go; made if it is not there")
    parser.add_argument("--count", type=count_of, default=100, metavar="N", help="how many (default 100)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="each gives another set (default 1)")
    parser.add_argument("--size", type=size_of, nargs="+", default=SIZES, metavar="WxH",
                        help="in pixels; chance picks one for each picture (default: six of about 1 MP)")
    parser.add_argument("--kinds", choices=KINDS, nargs="+", default=list(KINDS), metavar="KIND",
                        help="in turn; default all: " + ", ".join(KINDS))
    parser.add_argument("-f", "--force", action="store_true", help="overwrite pictures that are there")
    options = parser.parse_args()

    kinds = itertools.islice(itertools.cycle(options.kinds), options.count)
    pictures = [(kind, f"{options.seed}-{number:04}-{kind}.png") for number, kind in enumerate(kinds)]
    try:
        for _, name in pictures:
            path = os.path.join(options.folder, name)
            if os.path.lexists(path) and not options.force:
                sys.exit(f"draw_screens: {path} is there already (-f overwrites it)")
        os.makedirs(options.folder, exist_ok=True)
        for kind, name in pictures:
            write(draw(kind, name, options.size), os.path.join(options.folder, name))
    except OSError as error:
        sys.exit(f"draw_screens: {error.filename or options.folder}: {error.strerror or error}")
    print(f"{options.folder}: {len(pictures)} pictures")


if __name__ == "__main__":
    main()
