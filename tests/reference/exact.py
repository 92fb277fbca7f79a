"""docs/format.md, sections 5.10, 5.11 and 8.6: samples that come back as they were."""

from container import MOST_ROWS, read_bands
from conventions import Reader, crc32c, demand, divided_up
from indices import decode_indices
from planes import NO_REPEATS, REMEMBERED, decode_samples

SIDE = 16  # of a block


def _pixels_of_band(stream, plan, width, rows, depth):
    """Section 5.10: the rows of a band, each a list of pixels, these lists of samples."""
    reader = Reader(stream)
    crc = reader.u32()
    if plan.palette is None:
        channels = decode_samples(reader.rest(), width, rows, plan.channel_ranges(), plan.repeats, plan.has_alpha)
        pixels = [[plan.samples_of(pixel) for pixel in row] for row in channels]
    elif len(plan.palette) == 1:
        demand(reader.left() == 0, "a stream for a single colour")
        pixels = [[plan.palette[0]] * width] * rows
    else:
        indices = decode_indices(reader.rest(), width, rows, len(plan.palette))
        pixels = [[plan.palette[index] for index in row] for row in indices]
    found = b"".join(sample.to_bytes(depth // 8, "little") for row in pixels for pixel in row for sample in pixel)
    demand(crc32c(found) == crc, "a band whose samples have another checksum")
    return pixels


def decode_pixel_bands(content, plan, header):
    """Section 5.10: all rows of a lossless picture."""
    pixels = []
    for band in read_bands(content, header.height, MOST_ROWS):
        pixels += _pixels_of_band(band.stream, plan, header.width, band.bottom - band.top, header.depth)
    return pixels


def put_exact_blocks(content, plan, header, pixels):
    """Section 5.11: `pixels` are those of the synthesis, and get those of exact blocks."""
    columns = divided_up(header.width, SIDE)
    for band in read_bands(content, header.height, MOST_ROWS, multiple_of=SIDE):
        if not band.stream:
            continue
        rows = band.bottom - band.top
        reader = Reader(band.stream)
        which = reader.u8()
        demand(which <= 1, f"exact blocks of kind {which}")
        mask = None
        if which == 0:
            mask = decode_indices(reader.take(reader.varint()), columns, divided_up(rows, SIDE), 2)
        exact = _pixels_of_band(reader.rest(), plan, header.width, rows, header.depth)
        for y in range(rows):
            for x in range(header.width):
                if mask is None or mask[y // SIDE][x // SIDE]:
                    pixels[band.top + y][x] = exact[y][x]


def _alpha_of_band(stream, width, rows, largest):
    reader = Reader(stream)
    kind = reader.u8()
    if kind in (0, 255):
        repeats = REMEMBERED if kind else NO_REPEATS
        plane = decode_samples(reader.rest(), width, rows, [(0, largest)], repeats)
        return [[sample for sample, in row] for row in plane]
    demand(kind <= 16, f"alpha of kind {kind}")
    values = [reader.varint() for _ in range(kind)]
    demand(all(low < high for low, high in zip(values, values[1:])) and values[-1] <= largest, "values of alpha")
    if kind == 1:
        demand(reader.left() == 0, "bytes behind alpha's only value")
        return [values * width] * rows
    return [[values[index] for index in row] for row in decode_indices(reader.rest(), width, rows, kind)]


def decode_alpha(content, header):
    """Section 8.6: all rows of a photo's alpha."""
    alpha = []
    for band in read_bands(content, header.height, MOST_ROWS):
        alpha += _alpha_of_band(band.stream, header.width, band.bottom - band.top, header.largest)
    return alpha
