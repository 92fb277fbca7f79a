#!/usr/bin/env python3
"""Times whole commands: vaec and the other codecs that are installed, on the same pictures, in one run.

    tools/bench/commands.py photo1.ppm photo2.ppm ...        # PPM, so that no other format is timed with them
    tools/bench/commands.py --runs 5 --vaec build/release/vaec --quality 50 photos/*.ppm

Each command codes all pictures one after the other (vaec in one process, as its users run it; the others one
process a picture, as theirs do). Codecs take turns, so that what else the machine does falls on all of them alike.
Prints the median megapixels a second, its ratio to vaec's default, the bits a pixel and the largest memory that
one process used, as a Markdown table. The others run with the settings shown, at qualities near the same size.
"""
import argparse
import os
import shutil
import struct
import statistics
import subprocess
import sys
import tempfile
import time
import zlib


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--vaec", default="build/release/vaec")
    parser.add_argument("--quality", type=int, default=50)
    return parser.parse_args()


def pixels(picture):
    with open(picture, "rb") as file:
        words = file.read(64).split()
    if words[0] not in (b"P5", b"P6"):
        sys.exit(f"{picture}: is not a binary PPM or PGM")
    return int(words[1]) * int(words[2])


def run(command):
    """Seconds and the largest resident memory in MB."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit("failed: " + " ".join(command))
    return time.perf_counter() - start, usage.ru_maxrss / 1024


class Vaec:
    def __init__(self, program, quality, effort):
        self.name = f"vaec -q {quality}" + (f" -e {effort}" if effort != 2 else "")
        self.program, self.quality, self.effort = program, quality, effort

    def encode(self, pictures, folder):
        return [[self.program, "compress", *pictures, "-o", folder + "/", "-q", str(self.quality), "-e",
                 str(self.effort), "--quiet", "-f"]]

    def decode(self, pictures, folder, out):
        return [[self.program, "decompress", *self.files(pictures, folder), "-o", out + "/", "--format", "ppm", "--quiet",
                 "-f"]]

    def files(self, pictures, folder):
        return [f"{folder}/{os.path.splitext(os.path.basename(p))[0]}.vaec" for p in pictures]


class Other:
    def __init__(self, encoder, decoder, extension):
        self.name = " ".join(w for w in encoder if not w.startswith("{"))
        self.encoder, self.decoder, self.extension = encoder, decoder, extension

    def encode(self, pictures, folder):
        return [[w.format(input=p, output=f) for w in self.encoder]
                for p, f in zip(pictures, self.files(pictures, folder))]

    def decode(self, pictures, folder, out):
        return [[w.format(input=f, output=f"{out}/{i}.{self.raw()}") for w in self.decoder]
                for i, f in enumerate(self.files(pictures, folder))]

    def raw(self):
        return "png" if self.decoder[0] == "avifdec" else "ppm"

    def files(self, pictures, folder):
        return [f"{folder}/{os.path.basename(p)}.{self.extension}" for p in pictures]


OTHERS = [
    Other(["cjpeg", "-quality", "80", "-optimize", "-progressive", "-outfile", "{output}", "{input}"],
          ["djpeg", "-outfile", "{output}", "{input}"], "jpg"),
    Other(["cwebp", "-quiet", "-m", "6", "-q", "80", "{input}", "-o", "{output}"],
          ["dwebp", "-quiet", "-ppm", "{input}", "-o", "{output}"], "webp"),
    Other(["avifenc", "-s", "6", "-j", "all", "--min", "24", "--max", "24", "{input}", "{output}"],
          ["avifdec", "-j", "all", "{input}", "{output}"], "avif"),
    Other(["cjxl", "-e", "7", "-d", "2", "{input}", "{output}"], ["djxl", "{input}", "{output}"], "jxl"),
]


def main():
    options = arguments()
    megapixels = sum(pixels(p) for p in options.pictures) / 1e6
    codecs = [Vaec(options.vaec, options.quality, effort) for effort in (2, 1, 3)]
    for other in OTHERS:
        needed = [other.encoder[0], other.decoder[0]]
        missing = [p for p in needed if shutil.which(p) is None]
        if missing:
            print(f"left out: {missing[0]} is not installed", file=sys.stderr)
        else:
            codecs.append(other)
    seconds = {c: ([], []) for c in codecs}
    memory = {c: [0, 0] for c in codecs}
    size = {}
    with tempfile.TemporaryDirectory() as root:
        for _ in range(options.runs):
            for number, codec in enumerate(codecs):
                folder, out = f"{root}/{number}", f"{root}/{number}-out"
                os.makedirs(folder, exist_ok=True)
                os.makedirs(out, exist_ok=True)
                pictures = options.pictures
                if isinstance(codec, Other) and codec.encoder[0] == "avifenc":
                    pictures = as_png(options.pictures, root)  # avifenc reads no PPM
                for side, commands in enumerate((codec.encode(pictures, folder), codec.decode(pictures, folder, out))):
                    results = [run(command) for command in commands]
                    seconds[codec][side].append(sum(r[0] for r in results))
                    memory[codec][side] = max(memory[codec][side], *(r[1] for r in results))
                size[codec] = sum(os.path.getsize(f) for f in codec.files(pictures, folder))
    print(f"{len(options.pictures)} pictures, {megapixels:.1f} MP, {os.cpu_count()} cores, median of {options.runs} runs\n")
    print("| command | bpp | encode MP/s | of vaec's | decode MP/s | of vaec's | memory, encode and decode |")
    print("|---|---|---|---|---|---|---|")
    rates = {c: [megapixels / statistics.median(s) for s in seconds[c]] for c in codecs}
    for c in codecs:
        ratios = [rates[c][side] / rates[codecs[0]][side] for side in (0, 1)]
        print(f"| `{c.name}` | {size[c] * 8 / megapixels / 1e6:.2f} | {rates[c][0]:.2f} | {ratios[0]:.2f} | {rates[c][1]:.2f} "
              f"| {ratios[1]:.2f} | {memory[c][0]:.0f}, {memory[c][1]:.0f} MB |")


def as_png(pictures, root):
    names = [f"{root}/{os.path.splitext(os.path.basename(p))[0]}.png" for p in pictures]
    for picture, name in zip(pictures, names):
        if not os.path.exists(name):
            write_png(picture, name)
    return names


def write_png(picture, name):
    with open(picture, "rb") as file:
        kind, width, height, _ = [file.readline()] + file.readline().split() + [file.readline()]
        samples = file.read()
    width, height, grey = int(width), int(height), kind.startswith(b"P5")
    row = width * (1 if grey else 3)
    lines = b"".join(b"\0" + samples[y * row:(y + 1) * row] for y in range(height))

    def chunk(tag, data):
        return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))

    with open(name, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0 if grey else 2, 0, 0, 0)) +
                  chunk(b"IDAT", zlib.compress(lines, 1)) + chunk(b"IEND", b""))


if __name__ == "__main__":
    main()
