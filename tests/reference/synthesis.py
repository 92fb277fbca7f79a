"""docs/format.md, sections 10.1 and 10.2: the integer synthesis, which turns a latent into pixels."""

from conventions import bounded
from convolution import convolve, each, up


def bounded16(v):
    return -32768 if v < -32768 else 32767 if v > 32767 else v


def multiplied(v, m):
    return (v * m + (1 << 14)) >> 15


def leaky(v):
    return v if v >= 0 else (13 * v + 64) >> 7


def add(a, b):
    return bounded16(a + b)


class Synthesis:
    def __init__(self, model, quality):
        self.model, self.quality = model, quality
        self.config = model.config["synthesis"]

    def values(self, latent16):
        """The planes of red, green and blue, of whole cells, as they are before the last filter."""
        y = self._gained(latent16)
        linear = self._wide("linear", y)
        cells = self._cells(linear)
        stream = self._wide("stem", y, [(2 * self.quality - 101) * v for v in self._of("stem.quality").values])
        stage = 0
        for resolution in 16, 8, 4:
            if resolution == 4 and self.config.get("skip"):
                stream = each(add, stream, self._wide("skip", cells))
            for _ in range(self.config["blocks"][(4, 8, 16).index(resolution)]):
                stream = self._block(f"stages.{stage}", stream)
                stage += 1
            if resolution != 4:
                stream = up(self._narrow(f"stages.{stage}", self._through_input(f"stages.{stage}", stream)))
                stage += 1
        detail = self._wide("last", each(leaky, stream))
        return self._pixels(each(lambda a, b: bounded16(a + b + 8160), cells, detail))

    def _of(self, name):
        return self.model[f"integer_g_s.{name}"]

    def _gained(self, latent16):
        gains, shifts = self._of("gain").part(self.quality - 1), self._of("gain_shift").values
        return [[[bounded16((v * gain + (1 << (shift - 1))) >> shift) for v in row] for row in plane]
                for plane, gain, shift in zip(latent16, gains, shifts)]

    def _block(self, name, stream):
        hidden = self._narrow(f"{name}.first", self._through_input(f"{name}.first", stream))
        hidden = each(lambda v: bounded(leaky(v), -25, 230), hidden)
        return each(add, stream, self._narrow(f"{name}.second", hidden))

    def _wide(self, layer, x, more=None):
        """Section 10.1; `more` is added to the bias."""
        bias = self._of(f"{layer}.bias").values
        if more:
            bias = [a + b for a, b in zip(bias, more)]
        shift, = self._of(f"{layer}.shift").values
        return each(lambda acc: bounded16(acc >> shift), convolve(self._of(f"{layer}.weight"), bias, x))

    def _narrow(self, layer, x):
        shift, = self._of(f"{layer}.shift").values
        sums = convolve(self._of(f"{layer}.weight"), self._of(f"{layer}.bias").values, x)
        return [[[multiplied(bounded16(acc >> shift), multiplier) for acc in row] for row in plane]
                for plane, multiplier in zip(sums, self._of(f"{layer}.multiplier").values)]

    def _through_input(self, layer, stream):
        """A stream as a narrow layer sees it."""
        return [[[bounded(multiplied(v, factor), -128, 127) for v in row] for row in plane]
                for plane, factor in zip(stream, self._of(f"{layer}.input").values)]

    @staticmethod
    def _cells(linear):
        """The 768 channels of `linear` at 1/4."""
        rows, columns = range(4 * len(linear[0])), range(4 * len(linear[0][0]))

        def value(row, column, a, b, colour):
            """Of pixel (a, b) of the 4x4 at a place."""
            channel = ((row % 4 * 4 + a) * 16 + column % 4 * 4 + b) * 3 + colour
            return linear[channel][row // 4][column // 4]

        return [[[value(row, column, a, b, colour) for column in columns] for row in rows]
                for a in range(4) for b in range(4) for colour in range(3)]

    @staticmethod
    def _pixels(cells):
        """The three colours of 48 channels at 1/4."""
        rows, columns = range(4 * len(cells[0])), range(4 * len(cells[0][0]))
        return [[[cells[(y % 4 * 4 + x % 4) * 3 + colour][y // 4][x // 4] for x in columns] for y in rows]
                for colour in range(3)]


def samples_of(values, header):
    """Section 10.2: the rows of pixels, each a list of one or three samples."""
    factor = 257 if header.depth == 16 else 1

    def sample(value):
        return bounded((factor * value + 32) >> 6, 0, header.largest)

    pixels = []
    for rows in list(zip(*values))[:header.height]:
        row = [[sample(value) for value in pixel] for pixel in list(zip(*rows))[:header.width]]
        pixels.append(row if header.colours == 3 else [[(sum(pixel) + 1) // 3] for pixel in row])
    return pixels
