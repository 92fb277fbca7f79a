"""docs/format.md, section 8.7.1: bits and symbols whose probabilities follow what was decoded."""

from bisect import bisect_right

_FAST = (1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4)
_SLOW = (1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 7)
_WHOLE = 1 << 22


class Bit:
    __slots__ = ("fast", "slow", "age")

    def __init__(self):
        self.fast = self.slow = _WHOLE // 2
        self.age = 0

    def start_as(self, other):
        self.fast, self.slow = other.fast, other.slow

    def update(self, bit):
        if bit:
            self.fast -= self.fast >> _FAST[self.age]
            self.slow -= self.slow >> _SLOW[self.age]
        else:
            self.fast += (_WHOLE - self.fast) >> _FAST[self.age]
            self.slow += (_WHOLE - self.slow) >> _SLOW[self.age]
        self.age = min(self.age + 1, 15)


def bits(count):
    return [Bit() for _ in range(count)]


def decode_bit(coder, state):
    f = min(max((state.fast + state.slow) >> 7, 1), 65535)
    if coder.peek() < f:
        coder.consume(0, f)
        bit = 0
    else:
        coder.consume(f, 65536 - f)
        bit = 1
    state.update(bit)
    return bit


class Symbol:
    """0 to 15. `fast` and `slow`: where the symbols' shares of 2^15 start."""

    __slots__ = ("fast", "slow", "age")

    def __init__(self, starts=tuple(range(0, 1 << 15, 1 << 11))):  # an even one, if nothing else is said
        self.fast = list(starts)
        self.slow = list(starts)
        self.age = 0

    def start_as(self, other):
        self.fast, self.slow = list(other.fast), list(other.slow)

    def update(self, symbol):
        rate = 4 if self.age < 8 else 5 if self.age < 24 else 6 if self.age < 63 else 7
        targets = [*range(symbol + 1), *range(32752 + symbol + 1, 32752 + 16)]
        quick = min(rate, 5)
        self.fast = [start + ((target - start) >> quick) for start, target in zip(self.fast, targets)]
        self.slow = [start + ((target - start) >> rate) for start, target in zip(self.slow, targets)]
        self.age = min(self.age + 1, 63)


def decode_symbol(coder, a, b):
    start = [((af + as_) >> 1) + ((bf + bs) >> 1) for af, as_, bf, bs in zip(a.fast, a.slow, b.fast, b.slow)]
    start.append(65536)
    symbol = bisect_right(start, coder.peek()) - 1
    coder.consume(start[symbol], start[symbol + 1] - start[symbol])
    a.update(symbol)
    b.update(symbol)
    return symbol
