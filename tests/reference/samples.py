"""docs/format.md, section 8.7.4: one sample of a plane."""

from adaptive import Symbol, bits, decode_bit, decode_symbol
from prediction import Prediction

# Of each level, the shares of the symbols 1, 2, .. 8 steps from symbol 8 on either side.
_SHARES = (
    (243, 24, 5, 2, 1, 1, 1, 3),
    (199, 27, 7, 2, 1, 1, 1, 1),
    (153, 18, 4, 1, 1, 1, 1, 1),
    (562, 59, 13, 2, 1, 1, 1, 1),
    (1686, 159, 30, 4, 2, 1, 1, 1),
    (3665, 349, 53, 8, 2, 1, 1, 1),
    (5099, 585, 85, 12, 3, 1, 1, 1),
    (5952, 855, 130, 20, 4, 2, 2, 2),
    (6654, 1328, 238, 43, 11, 3, 2, 2),
    (7011, 1960, 453, 102, 27, 8, 5, 3),
    (6975, 2511, 740, 201, 60, 20, 11, 8),
    (6737, 2935, 1045, 341, 115, 43, 23, 20),
    (6100, 3441, 1634, 713, 303, 133, 88, 60),
    (5424, 3535, 2009, 1050, 521, 256, 196, 120),
    (4815, 3475, 2232, 1319, 747, 411, 369, 200),
    (4343, 3317, 2325, 1520, 944, 570, 598, 300),
)


def _starts_of(level):
    """Where the shares of the symbols 0 to 15 start at first."""
    sides = _SHARES[level if level < 16 else 12 + level % 4]
    below = list(reversed(sides))
    above = list(sides[:7])
    starts = [0]
    for share in [*below, (1 << 15) - sum(below) - sum(above), *above[:-1]]:
        starts.append(starts[-1] + share)
    return starts


_STARTS = [_starts_of(level) for level in range(80)]


class Around:
    """The cells of one channel around a pixel."""

    __slots__ = ("W", "WW", "N", "NW", "NE", "NN")

    def __init__(self, W, WW, N, NW, NE, NN):
        self.W, self.WW, self.N, self.NW, self.NE, self.NN = W, WW, N, NW, NE, NN

    def prediction(self):
        return Prediction(self.W, self.WW, self.N, self.NW, self.NE)


class Tables:
    """What a channel learns while it is decoded; its values are `low` to `high`."""

    def __init__(self, low, high):
        self.low, self.high = low, high
        self.first = [Symbol(_STARTS[i // 4 if i < 64 else i - 48]) for i in range(128)]
        self.second = [Symbol(_STARTS[4 * (j // 16) + 2]) for j in range(320)]
        self.correction = [0] * 512
        self.exponent = [bits(19) for _ in range(80)]


class Before:
    """What the channels of the same pixel that were decoded before tell a channel; none for the first."""

    __slots__ = ("last", "met")

    def __init__(self):
        self.last = self.met = 0


def _texture(around, mixed, own, c, last):
    w, n = 8 * around.W.value, 8 * around.N.value
    texture = ((w > mixed) + 2 * (n > mixed) + 4 * (8 * around.NW.value > mixed) + 8 * (8 * around.NE.value > mixed))
    if c == 0:
        return texture + 16 * (2 * n - 8 * around.NN.value > mixed) + 32 * (2 * w - 8 * around.WW.value > mixed)
    far = 16 * abs(last)
    return (texture + 16 * ((far >= own + 8) + (far >= 2 * (own + 8)) + (far >= 4 * (own + 8))) + 64 * (last < 0))


def _decode_beyond(coder, exponent):
    """How far a step goes beyond those that have a symbol."""
    t = 0
    while t < 19 and decode_bit(coder, exponent[t]):
        t += 1
    u = max(0, t - 16)
    beyond = (1 << t) - 1 + (coder.bits(u) << 16)
    return beyond + coder.bits(t - u)


def _size(v, shift):
    return min(v >> (shift + 1), 7).bit_length()


def decode_sample(coder, tables, c, around, before, cell):
    """sample(c): fills `cell`, and tells the next channel by `before`."""
    W, N, NW, NE = around.W, around.N, around.NW, around.NE
    prediction = around.prediction()
    mixed = prediction.mixed
    near = (3 * (W.magnitude + N.magnitude) + 2 * (NW.magnitude + NE.magnitude) + around.WW.magnitude
            + around.NN.magnitude)
    own = (11 * near + 8 * prediction.spread) >> 6
    expected = own if c == 0 else (13 * own + 3 * before.met) >> 4
    octave = (expected + 4).bit_length() - 3
    level = min(79, 4 * octave + (((expected + 4) >> octave) & 3))
    shift = max(0, level // 4 - 3)

    x = 4 * _texture(around, mixed, own, c, before.last) + min(3, level // 12)
    corrected = min(max(mixed + (tables.correction[x] >> 8), 8 * tables.low), 8 * tables.high)
    centre = (corrected + 4) >> 3

    i = 4 * level + ((corrected + 4) & 7) // 2 if level < 16 else level + 48
    j = (16 * min(level // 4, 19) + 4 * _size(W.magnitude, shift)
         + _size(N.magnitude if c == 0 else 8 * abs(before.last), shift))
    symbol = decode_symbol(coder, tables.first[i], tables.second[j])
    step = symbol - 8
    if symbol == 0:
        step = -8 - _decode_beyond(coder, tables.exponent[level])
    elif symbol == 15:
        step = 7 + _decode_beyond(coder, tables.exponent[level])
    rest = coder.bits(shift) if shift else 0
    value = centre + (step << shift) + rest - ((1 << shift) >> 1)
    value = min(max(value, tables.low), tables.high)

    tables.correction[x] += (256 * (8 * value - mixed) - tables.correction[x]) >> 7
    cell.learn(prediction, value, corrected)
    before.last = value - centre
    before.met = 2 * cell.magnitude if c == 0 else (before.met + 2 * cell.magnitude) // 2
