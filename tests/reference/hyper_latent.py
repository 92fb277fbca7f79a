"""docs/format.md, section 8.3: the hyper-latent of a photo."""

from conventions import demand, divided_up
from range_coder import RangeDecoder
from tables import predicted

_FACTORS = (2, 2, 1, 1)  # of the cells to the left, above, above to the left and above to the right


class Cell:
    __slots__ = ("z", "residual", "error")

    def __init__(self, z=0, residual=0, error=(0, 0, 0)):
        self.z, self.residual, self.error = z, residual, error


_OUTSIDE = Cell()


class Channel:
    """What the model says of one at a level."""

    def __init__(self, model, level, c):
        self.mean = model["hyper.means"].part(level)[c]
        self.expected = model["hyper.expected"].part(level)[c]
        self.weights = model["hyper.weights"].part(level)[c::model.config["hyper"]]


class Before:
    """What the channels of the same cell met."""

    def __init__(self):
        self.met, self.expected = [0, 0, 0], 0

    def add(self, error, expected):
        self.met = [met + 16 * one - met // 16 for met, one in zip(self.met, error)]
        self.expected += expected - self.expected // 16


def _decode_cell(coder, tables, channel, neighbours, before):
    counted = sum(factor for factor, cell in zip(_FACTORS, neighbours) if cell)
    cells = [cell or _OUTSIDE for cell in neighbours]
    r = [cell.residual for cell in cells]
    q0 = channel.mean + (sum(weight * one for weight, one in zip(channel.weights, r)) + 64) // 128
    q1 = channel.mean + sorted((r[0], r[1], r[0] + r[1] - r[2]))[1]
    met = [16 * sum(factor * cell.error[i] for factor, cell in zip(_FACTORS, cells)) + before.met[i] + 77
           for i in range(3)]
    w0, w1 = 16 * (2**24 // met[0])**2, (2**24 // met[1])**2
    q2 = (w0 * q0 + w1 * q1 + (w0 + w1) // 2) // (w0 + w1)
    due = channel.expected * counted + before.expected + 77
    z = predicted(coder, q2, channel.expected * met[2] // due, tables, 1)
    demand(abs(z) <= 127, "a value of the hyper-latent outside -127 to 127")
    cell = Cell(z, 16 * z - channel.mean, tuple(min(4095, abs(16 * z - q)) for q in (q0, q1, q2)))
    before.add(cell.error, channel.expected)
    return cell


def decode_hyper_latent(stream, model, width, height, quality):
    """The planes z[c][row][column]."""
    rows, columns = divided_up(height, 64), divided_up(width, 64)
    channels = [Channel(model, model.level(quality), c) for c in range(model.config["hyper"])]
    coder = RangeDecoder(stream)
    cells = {}
    for row in range(rows):
        for column in range(columns):
            before = Before()
            for c, channel in enumerate(channels):
                neighbours = [cells.get((c, row + down, column + right))
                              for down, right in ((0, -1), (-1, 0), (-1, -1), (-1, 1))]
                cells[c, row, column] = _decode_cell(coder, model.z_tables, channel, neighbours, before)
    coder.must_end()
    return [[[cells[c, row, column].z for column in range(columns)] for row in range(rows)]
            for c in range(len(channels))]
