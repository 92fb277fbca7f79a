"""docs/format.md, section 6: the range coder's decoder."""

from conventions import demand


class RangeDecoder:
    """Section 6.1. The names are those of the document; bytes past the end of the stream read as 0."""

    def __init__(self, stream):
        self.stream = stream
        self.read = 0
        self.missing = 0
        self.range = 0xFFFFFFFF
        self.code = 0
        for _ in range(4):
            self.code = self.code << 8 | self._next_byte()
        demand(self.code != 0xFFFFFFFF, "a stream that begins with the code 0xFFFFFFFF")

    def _next_byte(self):
        if self.read == len(self.stream):
            self.missing += 1
            return 0
        self.read += 1
        return self.stream[self.read - 1]

    def peek(self):
        """The frequency unit that the next symbol owns, 0 to 65535."""
        rest = self.range & 0xFFFF
        if self.code < rest:
            return 0
        return (self.code - rest) // (self.range >> 16)

    def consume(self, start, size):
        r = self.range >> 16
        rest = self.range & 0xFFFF
        if start == 0:
            self.range = r * size + rest
        else:
            self.code -= r * start + rest
            self.range = r * size
        while self.range < 1 << 24:
            self.code = (self.code << 8 & 0xFFFFFFFF) + self._next_byte()
            self.range <<= 8

    def bits(self, count):
        """`count` equally probable bits, 0 to 16 of them."""
        value = self.peek() >> (16 - count)
        self.consume(value << (16 - count), 1 << (16 - count))
        return value

    def must_end(self):
        """Section 6.2: refuses a stream that does not end where its encoder ends it."""
        if not self.stream:
            return
        demand(self.read == len(self.stream), "bytes behind a stream's last symbol")
        demand(self.missing >= 3, "a stream that is longer than it need be")
        demand(self.stream[-1] != 0, "a stream that ends with a zero byte")
        if self.missing == 3:
            value = self.stream[-1] << 24
            demand(self.code < 1 << 24 and value - self.code + self.range <= 1 << 32,
                   "a stream that ends with another byte than its encoder's")
