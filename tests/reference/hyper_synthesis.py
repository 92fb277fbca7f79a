"""docs/format.md, sections 9.1 and 9.3: the integer hyper-synthesis, which predicts the latent."""

from conventions import bounded, divided_up
from convolution import convolve, each, up


def compand(v):
    """Section 9.3: -239 to 239."""
    u = min(abs(v), 2**18 - 1)
    if u <= 32:
        return v
    k = (u // 32).bit_length() - 1
    c = 32 + 16 * k + ((u - (32 << k)) >> (k + 1))
    return c if v > 0 else -c


def slopes(plane):
    """Of one channel of the LF image, four planes."""
    right = [[compand(8 * (after - one)) for one, after in zip(row, row[1:])] + [0] for row in plane]
    down = [[compand(8 * (below - one)) for one, below in zip(row, under)] for row, under in zip(plane, plane[1:])]
    down.append([0] * len(plane[0]))
    return [[[max(sign * v, 0) for v in row] for row in direction] for direction in (right, down) for sign in (1, -1)]


class HyperSynthesis:
    """Of a picture, of which `z` and `lf` are known. Planes of a band are those of its rows alone."""

    def __init__(self, model, width, height, quality, z, lf):
        self.model = model
        self.channels = model.config["latent"]
        rows, columns = divided_up(height, 16), divided_up(width, 16)
        level = [[quality - 50] * len(z[0][0]) for _ in z[0]]
        trunk = self._layer("trunk2", up(self._layer("trunk1", up(self._layer("trunk0", [*z, level])))))
        trunk = [[row[:columns] for row in plane[:rows]] for plane in trunk]
        self.features = trunk + self._layer("lf0", [plane for channel in lf for plane in slopes(channel)])

    def predict_first(self, top, bottom):
        """predict(0, band): mean16 and scale."""
        p = self._layer("first0", self._features_of(top, bottom))
        return p[:self.channels], p[self.channels:]

    def predict_second(self, top, bottom, latent16, first_mean16):
        """predict(1, band), with the latent of the band so far, and the mean16 of predict(0, band)."""
        context = self._layer("context0", each(compand, latent16))
        p = self._layer("second1", self._layer("second0", self._features_of(top, bottom) + context))
        return each(lambda a, b: a + b, p[:self.channels], first_mean16), p[self.channels:]

    def _features_of(self, top, bottom):
        return [plane[top:bottom] for plane in self.features]

    def _layer(self, name, x):
        """Section 9.1, without the upsampling."""
        def of(what):
            return self.model[f"h_s.{name}.{what}"]

        sums = convolve(of("weight"), of("bias").values, x)
        numbers = zip(*(of(what).values for what in ("multiplier", "shift", "minimum", "maximum")))
        return [[[bounded((acc * multiplier + (1 << (shift - 1))) >> shift, minimum, maximum) for acc in row]
                 for row in plane] for plane, (multiplier, shift, minimum, maximum) in zip(sums, numbers)]
