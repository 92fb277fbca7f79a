#!/usr/bin/env python3
"""Runs tools/dask_compress.py on two local workers. $VAEC_PROGRAM: the program. Ends with status 77, skipped to CTest,
where Dask is absent."""

import os
import subprocess
import sys
import tempfile
import unittest

try:
    from dask.distributed import LocalCluster
except ImportError:
    print("skipped: no Dask (Debian package python3-distributed)")
    sys.exit(77)

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SCRIPT = os.path.join(ROOT, "tools", "dask_compress.py")
PROGRAM = os.environ["VAEC_PROGRAM"]


def picture(seed, width=48, height=32):
    pixels = bytes((x * seed + y + 40 * c) % 256 for y in range(height) for x in range(width) for c in range(3))
    return b"P6 %d %d 255\n" % (width, height) + pixels


class DaskCompress(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        # Workers inherit it.
        path = os.path.dirname(PROGRAM) + os.pathsep + os.environ["PATH"]
        before = os.environ["PATH"]
        os.environ["PATH"] = path
        self.addCleanup(os.environ.__setitem__, "PATH", before)

    def path(self, *names):
        return os.path.join(self.folder.name, *names)

    def write(self, content, *names):
        os.makedirs(os.path.dirname(self.path(*names)), exist_ok=True)
        with open(self.path(*names), "wb") as file:
            file.write(content)

    def read(self, *names):
        with open(self.path(*names), "rb") as file:
            return file.read()

    def run_script(self, *arguments):
        return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, timeout=100)

    def test_compresses_all_and_sums_up(self):
        names = ["a.ppm", "b.ppm", "c.ppm", "d.ppm", os.path.join("sub", "e.ppm")]
        for i, name in enumerate(names):
            self.write(picture(i), "in", name)
        single = [PROGRAM, "compress", self.path("in"), "-r", "-o", self.path("single"), "-j", "1", "--quiet"]
        subprocess.run(single, check=True)
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
            done = self.run_script(self.path("in"), self.path("out"), cluster.scheduler_address)
            self.assertEqual(done.returncode, 0, done.stderr)
            total = 0
            for name in names:
                packed = name.replace(".ppm", ".vaec")
                self.assertEqual(self.read("out", packed), self.read("single", packed), name)
                total += len(self.read("out", packed))
            self.assertEqual(done.stdout, f"5 files: 5 compressed to {total} bytes, 0 failed\n")

            # Again with one more, which is bad: the others are there already.
            self.write(b"no picture", "in", "bad.png")
            again = self.run_script(self.path("in"), self.path("out"), cluster.scheduler_address)
            self.assertEqual(again.returncode, 1, again.stderr)
            self.assertEqual(again.stdout, "6 files: 0 compressed to 0 bytes, 1 failed\n")
            self.assertIn("bad.png", again.stderr)

    def test_the_guide_shows_this_very_script(self):
        with open(SCRIPT, encoding="utf-8") as file:
            script = file.read()
        with open(os.path.join(ROOT, "docs", "batch.md"), encoding="utf-8") as file:
            guide = file.read()
        shown = "".join("    " + line if line.strip() else line for line in script.splitlines(keepends=True))
        self.assertIn(shown, guide)


if __name__ == "__main__":
    unittest.main()
