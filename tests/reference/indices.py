"""docs/format.md, section 8.8: planes of indices."""

from adaptive import Symbol, bits, decode_bit, decode_symbol
from range_coder import RangeDecoder


def h24(v):
    return (v * 0x9E3779B1 & 0xFFFFFFFF) >> 20


def h(v, four, what):
    return h24(v + (four << 8) + (what << 12))


class Around:
    """The indices around a pixel, by their names in the document."""

    def __init__(self, rows, row, x, width):
        def above(up, shift):
            """An index of a row above: beyond its ends stands the nearest one, beyond the first row 0."""
            return rows[-up][min(max(x + shift, 0), width - 1)] if len(rows) >= up else 0

        self.n, self.nw, self.ne = above(1, 0), above(1, -1), above(1, 1)
        self.nww, self.nee = above(1, -2), above(1, 2)
        self.nn, self.nnw, self.nne = above(2, 0), above(2, -1), above(2, 1)
        left = rows[-1][0] if rows else 0
        self.w = row[x - 1] if x > 0 else left
        self.ww = row[x - 2] if x > 1 else left


class IndexDecoder:
    def __init__(self, stream, count):
        self.coder = RangeDecoder(stream)
        self.count = count
        self.same_row = bits(2)
        self.ten, self.four = bits(1024), bits(16)
        self.west, self.north, self.north_east, self.north_west = bits(64), bits(64), bits(64), bits(64)
        self.first = [Symbol() for _ in range(4096)]
        self.second = [Symbol() for _ in range(4096)]

    def plane(self, width, rows):
        """The rows, as 8.7.2 has them."""
        plane = []
        previous = 0
        for _ in range(rows):
            if plane:
                previous = decode_bit(self.coder, self.same_row[previous])
            if previous:
                plane.append(list(plane[-1]))
                continue
            row = []
            for x in range(width):
                row.append(self._index(Around(plane, row, x, width)))
            plane.append(row)
        self.coder.must_end()
        return plane

    def _index(self, a):
        if self.count == 2:
            return self._one_of_two(a)
        w, n, nw, ne = a.w, a.n, a.nw, a.ne
        many = self.count > 16
        p = ((w == n) + 2 * (w == nw) + 4 * (n == nw) + 8 * (n == ne) + 16 * (w == a.ww) + 32 * (n == a.nn))
        if (many or w == n == nw == ne) and decode_bit(self.coder, self.west[p]):
            return w
        if not many:
            i = h24(w + (n << 4) + (nw << 8) + (ne << 12) + (a.ww << 16) + (a.nn << 20))
            return min(self._symbol(i, w + 16 * n + 256 * (nw == ne) + 512 * (nw == n)), self.count - 1)
        if n != w and decode_bit(self.coder, self.north[p]):
            return n
        if ne not in (n, w) and decode_bit(self.coder, self.north_east[p]):
            return ne
        if nw not in (n, w) and decode_bit(self.coder, self.north_west[p]):
            return nw
        upper = self._symbol(h(w, 0, 0), h(n, 1, 0))
        return min(16 * upper + self._symbol(h(w, upper, 2), h(n, upper, 3)), self.count - 1)

    def _one_of_two(self, a):
        four = a.w + 2 * a.n + 4 * a.nw + 8 * a.ne
        t = four + 16 * (a.ww + 2 * a.nww + 4 * a.nee + 8 * a.nn + 16 * a.nnw + 32 * a.nne)
        if self.ten[t].age == 0:
            self.ten[t].start_as(self.four[four])
        bit = decode_bit(self.coder, self.ten[t])
        self.four[four].update(bit)
        return bit

    def _symbol(self, i, j):
        if self.first[i].age == 0:
            self.first[i].start_as(self.second[j])
        return decode_symbol(self.coder, self.first[i], self.second[j])


def decode_indices(stream, width, rows, count):
    """Rows of `width` indices below `count`, 2 to 256."""
    return IndexDecoder(stream, count).plane(width, rows)
