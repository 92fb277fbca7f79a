"""docs/format.md, section 5.9: how samples of a picture became what its bands hold, and back."""

from conventions import Reader, bounded, demand
from planes import decode_samples

_PALETTE, _RESERVED = 127, 126
_ORDERS = ((0, 1, 2), (1, 2, 0), (2, 0, 1), (0, 2, 1), (1, 0, 2), (2, 1, 0))  # RGB, GBR, BRG, RBG, GRB, BGR


def undo(kind, a, b, c):
    """f, s and t of the three channels."""
    if kind == 0:
        return a, b, c
    if kind == 1:
        return a, b, c + a
    if kind == 2:
        return a, b + a, c
    if kind == 3:
        return a, b + a, c + a
    if kind == 4:
        return a, c + ((a + b) >> 1), b
    if kind == 5:
        t = b + a
        return a, c + ((a + t) >> 1), t
    m = a - (b >> 1)
    t = m - (c >> 1)
    return c + t, b + m, t


def ranges_of(kind, F, S, T):
    """Of the three channels, from the largest f, s and t."""
    f, s, t = (0, F), (0, S), (0, T)
    s_less_f, t_less_f = (-F, S), (-F, T)
    s_less_mean = (-max(F, T), S)
    return ((f, s, t),
            (f, s, t_less_f),
            (f, s_less_f, t),
            (f, s_less_f, t_less_f),
            (f, t, s_less_mean),
            (f, t_less_f, s_less_mean),
            ((0, max(F, S, T)), s_less_mean, (-T, F)))[kind]


class Plan:
    """`colours`: 1 or 3; with alpha a pixel has one sample more."""

    def __init__(self, content, colours, has_alpha, largest):
        self.colours, self.has_alpha = colours, has_alpha
        self.palette = None
        samples = colours + has_alpha
        reader = Reader(content)
        first = reader.u8()
        if first == _PALETTE:
            size = reader.u8() + 1
            self.palette = decode_samples(reader.rest(), size, 1, [(0, largest)] * samples)[0]
            return
        demand(first & 127 < _RESERVED, f"plan {first:#x}")
        self.transform, self.repeats = divmod(first & 127, 3)
        demand(self.transform == 0 or colours == 3, "a transform of the colours of a grey picture")
        self.levels = [None] * samples  # of each sample: its values, None: any
        if first & 128:
            self._read_levels(reader, samples, largest)
        demand(reader.left() == 0, "bytes behind a plan")
        self.high = [len(values) - 1 if values else largest for values in self.levels]

    def _read_levels(self, reader, samples, largest):
        counts = [reader.varint() for _ in range(samples)]
        demand(max(counts) <= largest, "more levels than a sample has values")
        demand(sum(counts) > 0, "levels of no sample")
        steps = iter(decode_samples(reader.rest(), sum(counts), 1, [(0, largest)])[0])
        for i, count in enumerate(counts):
            values = []
            for _ in range(count):
                step, = next(steps)
                values.append(values[-1] + step + 1 if values else step)
            demand(not values or values[-1] <= largest, "a level above the largest sample")
            self.levels[i] = values or None

    def channel_ranges(self):
        if self.colours == 1:
            ranges = [(0, self.high[0])]
        else:
            ranges = list(ranges_of(self.transform % 7, *(self.high[i] for i in _ORDERS[self.transform // 7])))
        return ranges + [(0, self.high[-1])] * self.has_alpha

    def samples_of(self, channels):
        """The samples of a pixel, from its channels."""
        numbers = list(channels)
        if self.colours == 3:
            for i, number in zip(_ORDERS[self.transform // 7], undo(self.transform % 7, *channels[:3])):
                numbers[i] = bounded(number, 0, self.high[i])
        return [values[number] if values else number for values, number in zip(self.levels, numbers)]
