#!/usr/bin/env python3
"""Packs pictures into one .vpack file, for a training machine without OpenCV (src/train/packed.hpp).

    tools/pack_images.py FOLDER_OR_PICTURE... -o OUT.vpack

Folders are searched recursively. Pictures are turned upright as EXIF says; grey ones stay grey, all others
become 8-bit RGB (what is transparent is laid over white). Needs Pillow (Debian: python3-pil).
"""

import argparse
import os
import struct
import sys

try:
    from PIL import Image, ImageOps
except ImportError:
    sys.exit("pack_images: needs Pillow (Debian: python3-pil)")

EXTENSIONS = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".pnm"}
MAGIC, VERSION = b"VPCK", 1


def find_pictures(inputs):
    for path in inputs:
        if os.path.isdir(path):
            for folder, folders, names in os.walk(path):
                folders.sort()
                for name in sorted(names):
                    if os.path.splitext(name)[1].lower() in EXTENSIONS:
                        yield os.path.join(folder, name)
        else:
            yield path


def read_picture(path):
    """(width, height, channels, samples), rows from top to bottom, channels interleaved."""
    with Image.open(path) as opened:
        picture = ImageOps.exif_transpose(opened)
        if picture.mode.startswith(("I", "F")):
            raise ValueError(f"mode {picture.mode}: only 8 bits a sample can be packed")
        if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
            over = picture.convert("RGBA")
            picture = Image.new("RGB", over.size, "white")
            picture.paste(over, mask=over.getchannel("A"))
        elif picture.mode != "L":
            picture = picture.convert("RGB")
        return picture.width, picture.height, len(picture.getbands()), picture.tobytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("inputs", nargs="+", metavar="FOLDER_OR_PICTURE")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.vpack")
    options = parser.parse_args()

    count = pixels = skipped = 0
    temporary = options.output + ".part"
    try:
        with open(temporary, "wb") as out:
            out.write(struct.pack("<4sII", MAGIC, VERSION, 0))  # the count is filled in at the end
            for path in find_pictures(options.inputs):
                try:
                    width, height, channels, samples = read_picture(path)
                except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
                    print(f"pack_images: {path}: left out: {error}", file=sys.stderr)
                    skipped += 1
                    continue
                out.write(struct.pack("<III", width, height, channels) + samples)
                count += 1
                pixels += width * height
            out.seek(8)
            out.write(struct.pack("<I", count))
        if count == 0:
            sys.exit("pack_images: no picture that can be read")
        os.replace(temporary, options.output)
    except OSError as error:
        sys.exit(f"pack_images: {options.output}: {error.strerror}")
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)
    print(f"{options.output}: {count} pictures, {pixels / 1e6:.1f} MP, {skipped} left out")


if __name__ == "__main__":
    main()
