"""docs/format.md, section 8.2: the LF image of a photo."""

from conventions import bounded, demand, divided_up
from range_coder import RangeDecoder
from tables import predicted

_TILE = 4
_SHARES = (65024, 32768, 512)  # of a coarse tile, by how many of its neighbours are fine
_FARTHEST = 1 << 21
_LARGEST_ERROR = 8191


class Cell:
    """A value with the errors of the ten predictions, and `E`, that of their mixture."""

    __slots__ = ("value", "likely", "E", "error")

    def __init__(self, value=0, likely=0, E=0, error=(0,) * 10):
        self.value, self.likely, self.E, self.error = value, likely, E, error


_MISSING = Cell()


class Around:
    """The positions around one, with what stands in for those that are missing."""

    def __init__(self, plane, row, column, columns):
        up = plane[row - 1] if row > 0 else None
        self.W = plane[row][column - 1] if column > 0 else up[0] if up else _MISSING
        self.WW = plane[row][column - 2] if column > 1 else up[0] if up else _MISSING
        self.N = up[column] if up else self.W
        self.NW = self.W if not up else up[column - 1] if column > 0 else self.N
        self.NE = self.W if not up else up[column + 1] if column + 1 < columns else self.N
        self.NN, self.NNE = self.N, self.NE
        if row > 1:
            self.NN = plane[row - 2][column]
            self.NNE = plane[row - 2][column + 1] if column + 1 < columns else self.NN


def _predictions(a):
    w, n, nw, ne = 16 * a.W.value, 16 * a.N.value, 16 * a.NW.value, 16 * a.NE.value
    lw, lww, ln, lnw = a.W.likely, a.WW.likely, a.N.likely, a.NW.likely
    lne, lnn, lnne = a.NE.likely, a.NN.likely, a.NNE.likely
    return (w, n, lw + ln - lnw, (w + ne) // 2, w + ne - n, 2 * ln - lnn, 2 * lw - lww, (w + n + nw + ne) // 4,
            ln + lne - lnne, (2 * (lw + ln) + lne - lnw) // 4)


def _half(v):
    """Rounded towards zero."""
    return v // 2 if v >= 0 else -(-v // 2)


def _decode_value(coder, tables, a, before, step):
    prediction = _predictions(a)
    weights = []
    for i in range(10):
        s = (2 * (a.W.error[i] + a.N.error[i]) + a.NW.error[i] + a.NE.error[i] + a.WW.error[i] + 32)
        weights.append((2**20 // s)**2)
    total = sum(weights)
    p = (sum(weight * one for weight, one in zip(weights, prediction)) + total // 2) // total
    values = [16 * cell.value for cell in (a.W, a.N, a.NW, a.NE)]
    e = 2 * (2 * (a.W.E + a.N.E) + a.NW.E + a.NE.E + a.WW.E + before
             + min(_LARGEST_ERROR, max(values) - min(values)))
    value = predicted(coder, p, e, tables, step)
    demand(abs(value) <= _FARTHEST, "a value of the LF image that is too far from 0")
    return Cell(value, 16 * value + bounded(_half(p - 16 * value), -8 * step, 8 * step),
                min(_LARGEST_ERROR, abs(p - 16 * value)),
                tuple(min(_LARGEST_ERROR, abs(one - 16 * value)) for one in prediction))


def _decode_fine(coder, fine, row, column):
    """Whether the tile is fine; `fine`: of the tiles before it."""
    left, above = fine.get((row, column - 1)), fine.get((row - 1, column))
    if left is None:
        left = above or 0
    if above is None:
        above = left
    share = _SHARES[left + above]
    if coder.peek() < share:
        coder.consume(0, share)
        return 0
    coder.consume(share, 65536 - share)
    return 1


def decode_lf_image(stream, model, width, height):
    """The planes lf[c][row][column], in halves of a rounding step."""
    rows, columns, channels = divided_up(height, 16), divided_up(width, 16), len(model.config["lf"])
    coder = RangeDecoder(stream)
    planes = [[[] for _ in range(rows)] for _ in range(channels)]
    fine = {}
    for row in range(rows):
        for column in range(columns):
            tile = row // _TILE, column // _TILE
            if row % _TILE == 0 and column % _TILE == 0:
                fine[tile] = _decode_fine(coder, fine, *tile)
            before = 0
            for c, plane in enumerate(planes):
                around = Around(plane, row, column, columns)
                cell = _decode_value(coder, model.lf_tables[78 * c:78 * c + 78], around, before, 1 if fine[tile] else 2)
                plane[row].append(cell)
                before += 2 * cell.E if c == 0 else cell.E
    coder.must_end()
    return [[[cell.value for cell in row] for row in plane] for plane in planes]
