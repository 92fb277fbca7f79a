"""docs/format.md, section 8.4: the latent of a photo."""

from context import Context
from conventions import crc32c, demand
from hyper_synthesis import HyperSynthesis
from range_coder import RangeDecoder

# By the symbol's parity, the state that follows each.
_NEXT = ((0, 3, 5, 6, 1, 2, 4, 7), (1, 2, 4, 7, 0, 3, 5, 6))
_ALMOST_SURE = 2    # of this scale and less, nothing is coded
_DEPENDENT = 12     # from this scale on, two quantizers
_FARTHEST = 1 << 20


class BandDecoder:
    """`lf`: the LF image's rows of the band, by their channel of the latent."""

    def __init__(self, model, level, lf, band, columns, hyper_synthesis):
        self.model, self.lf, self.band, self.columns = model, lf, band, columns
        self.hyper_synthesis = hyper_synthesis
        self.context = Context(model, level)
        self.coder = RangeDecoder(band.stream)
        self.channels = model.config["latent"]
        self.rows = band.bottom - band.top
        self.latent16 = [[[0] * columns for _ in range(self.rows)] for _ in range(self.channels)]

    def decode(self):
        for c, plane in self.lf.items():
            for row, column in self._positions(0):
                self.latent16[c][row][column] = 8 * plane[row][column]
        first_mean16, scale = self.hyper_synthesis.predict_first(self.band.top, self.band.bottom)
        self._pass(0, first_mean16, scale)
        mean16, scale = self.hyper_synthesis.predict_second(self.band.top, self.band.bottom, self.latent16,
                                                            first_mean16)
        self._pass(1, mean16, scale)
        self.coder.must_end()
        return self.latent16

    def _positions(self, in_pass):
        return [(row, column) for row in range(self.rows) for column in range(self.columns)
                if (row + column) % 2 == in_pass]

    def _pass(self, in_pass, mean16, scale):
        for row, column in self._positions(in_pass):
            self.context.begin(in_pass, row, column)
            state = 0
            for c in range(self.channels):
                state = self._value(c, row, column, mean16[c][row][column], scale[c][row][column], state)

    def _value(self, c, row, column, mean16, scale, state):
        """Decodes one; gives the state of the next."""
        if c in self.lf:
            value = 8 * self.lf[c][row][column]
            halves = 2 * abs((value - mean16 + 8) // 16)
        elif scale <= _ALMOST_SURE:
            value, halves = mean16, 0
        else:
            dependent = scale >= _DEPENDENT
            q1 = int(dependent and state % 2 == 1)
            shift, activity = self.context.before(c)
            symbol = self.model.y_tables[9 * (scale + 52 * q1) + activity].decode(self.coder)
            demand(abs(symbol) <= _FARTHEST, "a value of the latent that is too far from 0")
            halves = 2 * abs(symbol) - (q1 == 1 and symbol != 0)
            size = 9 * halves if dependent else 8 * halves
            value = (size if symbol > 0 else -size) + mean16 + shift
            if dependent:
                state = _NEXT[symbol % 2][state]
        self.latent16[c][row][column] = value
        self.context.after(c, value - mean16, halves, scale)
        return state


def decode_latent(bands, model, header, lf, z):
    """The planes latent16[c][row][column]."""
    hyper_synthesis = HyperSynthesis(model, header.width, header.height, header.quality, z, lf)
    latent16 = [[] for _ in range(model.config["latent"])]
    for band in bands:
        lf_of_band = {c: plane[band.top:band.bottom] for c, plane in zip(model.config["lf"], lf)}
        decoder = BandDecoder(model, model.level(header.quality), lf_of_band, band, len(lf[0][0]), hyper_synthesis)
        for plane, rows in zip(latent16, decoder.decode()):
            plane += rows
    return latent16


def latent_bytes(latent16):
    """Section 5.5: by row, column and channel."""
    return b"".join(value.to_bytes(4, "little", signed=True)
                    for rows in zip(*latent16) for position in zip(*rows) for value in position)


def check_latent(content, latent16):
    """Section 5.5: the latent checksum."""
    demand(len(content) == 4, "a latent checksum of another size")
    demand(crc32c(latent_bytes(latent16)) == int.from_bytes(content, "little"), "the latent has another checksum")
