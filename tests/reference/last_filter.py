"""docs/format.md, sections 5.12 and 10.5: the last filter."""

from conventions import Reader, bounded, demand
from planes import decode_samples

_SIDE = 8  # of the blocks that have a class
_TAPS = [(k // 5 - 2, k % 5 - 2) for k in range(12)]
_BORDERS = (32768, 98304, 196608)


class LastFilter:
    def __init__(self, content, colours):
        reader = Reader(content)
        self.classes = reader.u8()
        demand(self.classes in (1, 4), f"{self.classes} classes of filters")
        rows = decode_samples(reader.rest(), 12, self.classes * colours, [(-127, 127)])
        weights = [[weight for weight, in row] for row in rows]
        # Of a grey image there is one filter for all three colours.
        self.weights = [[weights[i * colours + (colour if colours == 3 else 0)] for colour in range(3)]
                        for i in range(self.classes)]

    def apply(self, values, width, height):
        """`values`: planes of red, green and blue, of whole cells, which reach beyond the image."""
        filtered = [[list(row) for row in plane] for plane in values]
        for top in range(0, height, _SIDE):
            for left in range(0, width, _SIDE):
                weights = self.weights[self._class_of(values, top, left)]
                rows = range(max(top, 2), min(top + _SIDE, height - 2))
                columns = range(max(left, 2), min(left + _SIDE, width - 2))
                for colour in range(3):
                    self._filter(values[colour], filtered[colour], weights[colour], rows, columns)
        return filtered

    def _class_of(self, values, top, left):
        if self.classes == 1:
            return 0
        g = [[sum(plane[top + y][left + x] for plane in values) for x in range(_SIDE)] for y in range(_SIDE)]
        activity = sum(abs(g[y][x] - g[y][x - 1]) for y in range(_SIDE) for x in range(1, _SIDE))
        activity += sum(abs(g[y][x] - g[y - 1][x]) for y in range(1, _SIDE) for x in range(_SIDE))
        return sum(activity >= border for border in _BORDERS)

    @staticmethod
    def _filter(v, filtered, weights, rows, columns):
        taps = [(weight, dy, dx) for weight, (dy, dx) in zip(weights, _TAPS) if weight]
        for y in rows:
            for x in columns:
                total = 0
                for weight, dy, dx in taps:
                    total += weight * (v[y + dy][x + dx] + v[y - dy][x - dx] - 2 * v[y][x])
                filtered[y][x] = bounded(v[y][x] + ((total + 128) >> 8), -32768, 32767)
