"""docs/format.md, sections 7 and 8.1: symbols with the model's frequency tables."""

from bisect import bisect_right

from conventions import demand

FARTHEST = 1 << 24


class Table:
    """Section 7. `frequencies`: of the values from `first` up, then of the escape."""

    def __init__(self, first, frequencies):
        self.first = first
        self.last = first + len(frequencies) - 2
        assert len(frequencies) >= 2 and min(frequencies) > 0 and sum(frequencies) == 1 << 16
        likeliest = max(range(len(frequencies) - 1), key=lambda i: (frequencies[i], -i))
        # The most frequent value, the others in ascending order, the escape.
        self.symbols = [likeliest] + [i for i in range(len(frequencies)) if i != likeliest]
        self.starts = [0]
        for symbol in self.symbols:
            self.starts.append(self.starts[-1] + frequencies[symbol])

    def decode(self, coder):
        place = bisect_right(self.starts, coder.peek()) - 1
        coder.consume(self.starts[place], self.starts[place + 1] - self.starts[place])
        value = self.first + self.symbols[place]
        return value if value <= self.last else self._outside(coder)

    def _outside(self, coder):
        """What follows an escape: an Exp-Golomb code of the distance to the table's values."""
        below = coder.bits(1)
        m = 0
        while coder.bits(1) == 0:
            m += 1
            demand(m <= 25, "an escape that is too long")
        distance = 1
        if m > 16:
            distance = (distance << (m - 16)) + coder.bits(m - 16)
        k = min(m, 16)
        distance = (distance << k) + coder.bits(k)
        value = self.first - distance if below else self.last + distance
        demand(abs(value) <= FARTHEST, "a value that is too far from 0")
        return value


def error_class(e):
    """Section 8.1: 0 to 25, half octaves of the error that is to be expected."""
    if e < 8:
        return 0
    b = e.bit_length() - 1
    return min(25, 1 + 2 * (b - 3) + (256 * e >= 362 * 2**b))


def predicted(coder, p, e, tables, step):
    """Section 8.1: an integer of which a prediction `p`, in sixteenths, is known to be off by about `e` / 256."""
    if step == 2:
        p, e = (p + 1) // 2, e // 2
    nearest = (p + 8) // 16
    off = p - 16 * nearest
    symbol = tables[3 * error_class(e) + abs(off) // 3].decode(coder)
    return step * (nearest - symbol if off < 0 else nearest + symbol)
