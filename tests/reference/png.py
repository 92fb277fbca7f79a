"""Just enough of PNG (ISO 15948) to hand pictures to the program and to take them back."""

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by samples a pixel


def write_png(path, rows, depth=8):
    """`rows` of pixels, each a list of samples."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    lines = [b"\0" + b"".join(sample.to_bytes(depth // 8, "big") for pixel in row for sample in pixel) for row in rows]
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), depth, _COLOUR_TYPES[len(rows[0][0])], 0, 0, 0)
    with open(path, "wb") as file:
        file.write(_SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(lines)))
                   + chunk(b"IEND", b""))


def read_png(path):
    """The rows of a picture without palette and interlacing, of 8 or 16 bits."""
    with open(path, "rb") as file:
        data = file.read()
    assert data.startswith(_SIGNATURE)
    offset, packed = len(_SIGNATURE), b""
    while offset < len(data):
        length, kind = struct.unpack_from(">I4s", data, offset)
        content = data[offset + 8:offset + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour_type, _, _, interlaced = struct.unpack(">IIBBBBB", content)
        elif kind == b"IDAT":
            packed += content
        offset += 12 + length
    assert depth in (8, 16) and not interlaced
    size = depth // 8
    samples = next(number for number, known in _COLOUR_TYPES.items() if known == colour_type)
    line_length = width * samples * size
    lines = zlib.decompress(packed)
    above, rows = bytes(line_length), []
    for start in range(0, len(lines), 1 + line_length):
        above = _unfiltered(lines[start], lines[start + 1:start + 1 + line_length], above, samples * size)
        numbers = [int.from_bytes(above[i:i + size], "big") for i in range(0, line_length, size)]
        rows.append([numbers[i:i + samples] for i in range(0, len(numbers), samples)])
    return rows


def _unfiltered(kind, line, above, step):
    found = bytearray()
    for i, byte in enumerate(line):
        a = found[i - step] if i >= step else 0
        c = above[i - step] if i >= step else 0
        b = above[i]
        found.append((byte + (0, a, b, (a + b) // 2, _paeth(a, b, c))[kind]) & 0xFF)
    return bytes(found)


def _paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
