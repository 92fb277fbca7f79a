"""docs/format.md, section 2: the words that the rest of the document is written in."""


class Refuse(Exception):
    """The file breaks a rule of the document: a reader gives no image."""


def demand(holds, otherwise):
    if not holds:
        raise Refuse(otherwise)


class Reader:
    """Takes fields from the front of some bytes."""

    def __init__(self, data):
        self.data = data
        self.position = 0

    def left(self):
        return len(self.data) - self.position

    def take(self, count):
        demand(count <= self.left(), f"{count} bytes at offset {self.position}, where {self.left()} are left")
        self.position += count
        return self.data[self.position - count:self.position]

    def rest(self):
        return self.take(self.left())

    def u8(self):
        return self.take(1)[0]

    def u32(self):
        return int.from_bytes(self.take(4), "little")

    def varint(self):
        """LEB128 in its shortest form, below 2^64."""
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            demand(value < 2**64, "a varint of more than 64 bits")
            if byte < 0x80:
                demand(byte != 0 or shift == 0, "a varint that is longer than it need be")
                return value
            shift += 7


def bounded(value, low, high):
    return low if value < low else high if value > high else value


def divided_up(number, divisor):
    """ceil(number / divisor)"""
    return -(-number // divisor)


def _crc32c_of_a_byte(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_CRC32C = [_crc32c_of_a_byte(byte) for byte in range(256)]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC32C[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def fnv1a(numbers):
    """The hash of section 13: of bytes, or of samples, each as one number."""
    value = 0xCBF29CE484222325
    for number in numbers:
        value = (value ^ number) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value
