"""docs/format.md, section 8.7.3: what the samples around say of the next one. All in units of 1/8."""


class Cell:
    """One channel of one pixel, and how well it was predicted."""

    __slots__ = ("value", "error", "magnitude", "missed")

    def __init__(self, value=0):
        self.value = value
        self.error = 0
        self.magnitude = 0
        self.missed = (0, 0, 0, 0)

    def learn(self, prediction, value, corrected):
        """Once the sample's value is known."""
        eighths = 8 * value
        self.value = value
        self.missed = tuple(abs(simple - eighths) for simple in prediction.simple)
        self.error = prediction.mixed - eighths
        self.magnitude = abs(corrected - eighths)


class Prediction:
    """`simple`, `mixed` and `spread`, of the cells of one channel around a pixel."""

    __slots__ = ("simple", "mixed", "spread")

    def __init__(self, W, WW, N, NW, NE):
        w, n, nw, ne = 8 * W.value, 8 * N.value, 8 * NW.value, 8 * NE.value
        self.simple = simple = (w + ne - n,
                                n - (((W.error + N.error + NE.error) * 13) >> 5),
                                w - (((W.error + N.error + NW.error) * 13) >> 5),
                                w + n - nw)
        differences = [one - simple[1] for one in simple]
        missed = [2 * a + b + c + d + e
                  for a, b, c, d, e in zip(W.missed, WW.missed, N.missed, NW.missed, NE.missed)]
        k = max(0, min(missed).bit_length() - 5)
        weights = [(1 << 20) // (min(m >> k, 127) + 1)**2 for m in missed]
        total = sum(weights)
        e = total.bit_length() - 7
        off = sum(weight * difference for weight, difference in zip(weights, differences))
        mixed = simple[1] + ((off * ((1 << 22) // (total >> e))) >> (22 + e))
        if ((N.error ^ W.error) | (N.error ^ NW.error)) <= 0:
            mixed = min(max(mixed, min(w, n, ne)), max(w, n, ne))
        self.mixed = mixed
        self.spread = sum(map(abs, differences))
