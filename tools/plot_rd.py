#!/usr/bin/env python3
"""Draws rate-distortion curves with gnuplot.

    tools/plot_rd.py OUT.png NAME=CURVE.json ...

Each curve is what `vaec evaluate -o` writes: {"points": [{"bpp": ..., "psnr": ...}, ...]}.
"""
import json
import subprocess
import sys


def main():
    if len(sys.argv) < 3 or any("=" not in a for a in sys.argv[2:]):
        sys.exit(__doc__)
    blocks, plots = [], []
    for i, argument in enumerate(sys.argv[2:]):
        name, file = argument.split("=", 1)
        with open(file, encoding="utf-8") as handle:
            points = sorted((p["bpp"], p["psnr"]) for p in json.load(handle)["points"])
        rows = "\n".join(f"{bpp} {psnr}" for bpp, psnr in points)
        blocks.append(f"$curve{i} << EOD\n{rows}\nEOD")
        plots.append(f"$curve{i} using 1:2 with linespoints linewidth 2 pointtype 7 pointsize 0.6 title '{name}'")
    script = "\n".join(blocks + [
        "set terminal pngcairo size 900,600 font 'sans,11'",
        f"set output '{sys.argv[1]}'",
        "set xlabel 'bits per pixel'", "set ylabel 'PSNR (dB)'", "set xrange [0:2.2]", "set yrange [24:42]",
        "set key bottom right", "set grid", "plot " + ", ".join(plots)])
    subprocess.run(["gnuplot"], input=script.encode(), check=True)


main()
