"""docs/format.md, section 9.5: how the symbols around, decoded already, correct what is predicted of a value."""

from conventions import bounded

# Of each pass, (rows down, columns to the right).
_NEIGHBOURS = (((-1, -1), (-1, 1), (0, -2), (-2, 0)),
               ((-1, 0), (1, 0), (0, -1), (0, 1)))
_ACTIVITIES = (76, 108, 152, 215, 304, 431, 609, 861)


class Context:
    """Of a band; rows are counted from its first one."""

    def __init__(self, model, level):
        weights = model["context.weights"].part(level)  # pass, neighbour, channel
        channels = model.config["latent"]
        planes = [weights[i * channels:(i + 1) * channels] for i in range(8)]
        self.weights = planes[:4], planes[4:]
        self.expected = model["context.expected"].values
        self.known = {}  # by (row, column, channel): residual, magnitude, expected

    def begin(self, in_pass, row, column):
        """At the start of each position."""
        self.in_pass, self.row, self.column = in_pass, row, column
        self.met_before = self.expected_before = 0

    def before(self, c):
        """shift and activity, before the symbol of channel c."""
        total = met = due = 0
        for n, (down, right) in enumerate(_NEIGHBOURS[self.in_pass]):
            neighbour = self.known.get((self.row + down, self.column + right, c))
            if neighbour:
                residual, magnitude, expected = neighbour
                total += self.weights[self.in_pass][n][c] * residual
                met += 128 * magnitude
                due += expected
        met = 256 * (2 * met + self.met_before + 77)
        due = 2 * due + self.expected_before + 77
        return (total + 64) // 128, sum(factor * due <= met for factor in _ACTIVITIES)

    def after(self, c, residual, halves, scale):
        magnitude, expected = min(halves, 254), self.expected[scale]
        self.known[self.row, self.column, c] = bounded(residual, -32768, 32767), magnitude, expected
        self.met_before += 128 * magnitude - self.met_before // 16
        self.expected_before += expected - self.expected_before // 16
