"""docs/format.md, section 8.7.2: planes of samples, by rows and pixels. A pixel is a list of cells, one a channel."""

from adaptive import bits, decode_bit
from prediction import Cell
from range_coder import RangeDecoder
from samples import Around, Before, Tables, decode_sample

NO_REPEATS, BESIDE, REMEMBERED = 0, 1, 2


def equal(a, b):
    return all(x.value == y.value for x, y in zip(a, b))


def values_alone(pixel):
    return [Cell(cell.value) for cell in pixel]


class Place:
    """Of a memory of pixels."""

    __slots__ = ("pixel", "times")

    def __init__(self):
        self.pixel = None
        self.times = 0

    def see(self, pixel):
        if self.times > 0 and equal(self.pixel, pixel):
            self.times = min(self.times + 1, 7)
        else:
            self.times, self.pixel = 1, values_alone(pixel)


def hash_of(pixel):
    h = 0
    for cell in pixel:
        h = (h + cell.value) * 0x85EBCA6B & 0xFFFFFFFF
    return h ^ h >> 15


class Memory:
    """2^B places."""

    def __init__(self, B):
        self.B = B
        self.places = {}

    def place(self, hashes):
        s = 0
        for h in hashes:
            s = ((s << 5 | s >> 27) & 0xFFFFFFFF ^ h) * 0x9E3779B1 & 0xFFFFFFFF
        return self.places.setdefault(s >> (32 - self.B), Place())


class Pixels:
    """The pixels around one, in the order of `Around`."""

    __slots__ = ("W", "WW", "N", "NW", "NE", "NN")

    def __init__(self, plane, row, x, width, zero):
        if plane:
            up = plane[-1]
            self.W = row[x - 1] if x > 0 else up[0]
            self.WW = row[x - 2] if x > 1 else up[0]
            self.N = up[x]
            self.NW = up[max(x - 1, 0)]
            self.NE = up[min(x + 1, width - 1)]
            self.NN = plane[-2][x] if len(plane) > 1 else self.N
        else:
            self.W = row[x - 1] if x > 0 else zero
            self.WW = row[x - 2] if x > 1 else zero
            self.N = self.NW = self.NE = self.NN = self.W

    def channel(self, c):
        return Around(self.W[c], self.WW[c], self.N[c], self.NW[c], self.NE[c], self.NN[c])


class PlaneDecoder:
    def __init__(self, stream, width, rows, ranges, repeats, apart):
        self.coder = RangeDecoder(stream)
        self.width, self.rows, self.repeats, self.apart = width, rows, repeats, apart
        self.tables = [Tables(low, high) for low, high in ranges]
        self.zero = [Cell() for _ in ranges]
        self.same_row, self.flat = bits(2), bits(32)
        self.west, self.north, self.north_east, self.north_west = bits(64), bits(64), bits(64), bits(64)
        self.remembered = [bits(4) for _ in range(8)]
        B = min(max((width * rows).bit_length(), 8), 17)
        self.wide, self.narrow = Memory(B), Memory(B)

    def plane(self):
        plane = []
        previous = 0
        for _ in range(self.rows):
            if plane:
                previous = decode_bit(self.coder, self.same_row[previous])
            if previous:
                plane.append([values_alone(pixel) for pixel in plane[-1]])
                continue
            row = []
            for x in range(self.width):
                row.append(self._any_pixel(Pixels(plane, row, x, self.width, self.zero)))
            plane.append(row)
        self.coder.must_end()
        return plane

    def _any_pixel(self, a):
        if equal(a.W, a.N) and equal(a.W, a.NW) and equal(a.W, a.NE):
            m = sum(pixel[0].magnitude for pixel in (a.W, a.N, a.NW, a.NE))
            flat = self.flat[equal(a.W, a.WW) + 2 * equal(a.N, a.NN) + 4 * min(m.bit_length(), 7)]
            return self._take(a, a.W) if decode_bit(self.coder, flat) else self._samples(a)
        if self.repeats == NO_REPEATS:
            return self._samples(a)
        r, q = Place(), Place()
        if self.repeats == REMEMBERED:
            w, n = hash_of(a.W), hash_of(a.N)
            r = self.wide.place([w, n, hash_of(a.NW), hash_of(a.NE), hash_of(a.WW), hash_of(a.NN)])
            q = self.narrow.place([w, n, 0, 0, 0, 0])
        taken = self._repeated(a, r, q)
        pixel = self._samples(a) if taken is None else self._take(a, taken)
        r.see(pixel)
        q.see(pixel)
        return pixel

    def _repeated(self, a, r, q):
        """pixel(): the pixel that this one repeats, if it does."""
        W, N, NW, NE = a.W, a.N, a.NW, a.NE
        n_is_w = equal(N, W)
        p = (n_is_w + 2 * equal(W, NW) + 4 * equal(N, NW) + 8 * equal(N, NE) + 16 * equal(W, a.WW)
             + 32 * equal(N, a.NN))

        def new(x):
            return r.times == 0 or not equal(x, r.pixel)

        def yes(state):
            return decode_bit(self.coder, state)

        if r.times > 0:
            like = 0 if equal(r.pixel, W) else 1 if equal(r.pixel, N) else 2
            if yes(self.remembered[r.times][like]):
                return r.pixel
        if new(W) and yes(self.west[p]):
            return W
        if not n_is_w and new(N) and yes(self.north[p]):
            return N
        if not equal(NE, N) and not equal(NE, W) and new(NE) and yes(self.north_east[p]):
            return NE
        if not equal(NW, N) and not equal(NW, W) and new(NW) and yes(self.north_west[p]):
            return NW
        if q.times > 0 and new(q.pixel) and not any(equal(q.pixel, x) for x in (W, N, NE, NW)):
            if yes(self.remembered[q.times][3]):
                return q.pixel
        return None

    def _take(self, a, other):
        pixel = []
        for c, same in enumerate(other):
            prediction = a.channel(c).prediction()
            pixel.append(Cell())
            pixel[c].learn(prediction, same.value, prediction.mixed)
        return pixel

    def _samples(self, a):
        pixel = []
        before = Before()
        for c, tables in enumerate(self.tables):
            if self.apart and c == len(self.tables) - 1:
                before = Before()
            pixel.append(Cell())
            decode_sample(self.coder, tables, c, a.channel(c), before, pixel[c])
        return pixel


def decode_samples(stream, width, rows, ranges, repeats=NO_REPEATS, apart=False):
    """Rows of pixels, each a list of the values of its channels, whose `ranges` are (low, high)."""
    plane = PlaneDecoder(stream, width, rows, ranges, repeats, apart).plane()
    return [[[cell.value for cell in pixel] for pixel in row] for row in plane]
