"""docs/format.md, sections 3 to 5.3: header, chunks and checksum of a file, and bands of rows."""

from conventions import Reader, crc32c, demand, divided_up

HYPERPRIOR, SMALL_IMAGE, LOSSLESS = 0, 1, 2

END = 0x00
LF_IMAGE, HYPER_LATENT, LATENT_BANDS = 0x01, 0x02, 0x03
SMALL_STREAM = 0x04
PLAN, PIXEL_BANDS, EXACT_BLOCKS, LAST_FILTER = 0x05, 0x06, 0x07, 0x08
ALPHA = 0x10
LATENT_CHECKSUM = 0x81
ICC, EXIF, XMP, RESOLUTION = 0x90, 0x91, 0x92, 0x93

# Of each profile, the critical chunks that it requires, and those that it may have.
_REQUIRED = {HYPERPRIOR: {LF_IMAGE, HYPER_LATENT, LATENT_BANDS}, SMALL_IMAGE: {SMALL_STREAM},
             LOSSLESS: {PLAN, PIXEL_BANDS}}
_ALLOWED = {HYPERPRIOR: {PLAN, EXACT_BLOCKS, LAST_FILTER, ALPHA}, SMALL_IMAGE: set(), LOSSLESS: set()}

MOST_LATENT_ROWS = 64
MOST_ROWS = 2**31 - 1


class Header:
    """Section 4."""

    def __init__(self, reader):
        demand(reader.take(4) == b"VAEC", "no .vaec file")
        version = reader.u8()
        demand(version == 1, f"version {version} of the format")
        flags = reader.u8()
        demand(flags <= LOSSLESS, f"flags {flags:#x}")
        self.profile = flags
        self.model_id = reader.take({HYPERPRIOR: 8, SMALL_IMAGE: 4, LOSSLESS: 0}[self.profile])
        self.width, self.height = reader.varint(), reader.varint()
        for side in self.width, self.height:
            demand(1 <= side < 2**31, f"a side of {side} pixels")
        layout = reader.u8()
        self.samples, self.depth = layout & 15, 8 * (layout >> 4)
        demand(1 <= self.samples <= 4 and self.depth in (8, 16), f"sample layout {layout:#x}")
        demand(self.profile != SMALL_IMAGE or layout in (0x11, 0x13), f"sample layout {layout:#x} of a small image")
        self.quality = None
        if self.profile != LOSSLESS:
            self.quality = reader.u8()
            demand(1 <= self.quality <= 100, f"quality {self.quality}")

    @property
    def has_alpha(self):
        return self.samples in (2, 4)

    @property
    def colours(self):
        return 1 if self.samples < 3 else 3

    @property
    def largest(self):
        """What the document calls `max`."""
        return 2**self.depth - 1


class File:
    """Sections 3 and 5: `header`, and `chunks`, the contents by type."""

    def __init__(self, data):
        reader = Reader(data)
        self.header = Header(reader)
        self.chunks = {}
        self._read_chunks(reader)
        demand(reader.left() == 4, "no checksum at the end, or something behind it")
        demand(reader.u32() == crc32c(data[:-4]), "the file's checksum is not that of its bytes")
        self._check_chunks()

    def _read_chunks(self, reader):
        before = END
        while (kind := reader.u8()) != END:
            demand(kind > before, f"chunk {kind:#x} behind chunk {before:#x}")
            self.chunks[kind] = reader.take(reader.varint())
            before = kind

    def _check_chunks(self):
        header, kinds = self.header, set(self.chunks)
        critical = {kind for kind in kinds if kind < 0x80}
        required, allowed = set(_REQUIRED[header.profile]), _ALLOWED[header.profile]
        if header.profile == HYPERPRIOR:
            demand((PLAN in kinds) == (EXACT_BLOCKS in kinds), "a plan or exact blocks alone")
            demand((ALPHA in kinds) == header.has_alpha, "alpha does not agree with the sample layout")
        demand(required <= critical, f"without chunks {required - critical}")
        demand(critical <= required | allowed, f"with chunks {critical - required - allowed}")


class Band:
    """Rows `top` to `bottom` - 1, and what the file has of them."""

    def __init__(self, top, bottom, stream):
        self.top, self.bottom, self.stream = top, bottom, stream


def read_bands(content, rows, most_rows, multiple_of=1):
    """Section 5.3: a chunk that has `rows` rows in bands, of which one has 1 to `most_rows`."""
    reader = Reader(content)
    band_rows = reader.varint()
    demand(1 <= band_rows <= most_rows and band_rows % multiple_of == 0, f"bands of {band_rows} rows")
    count = reader.varint()
    demand(count == divided_up(rows, band_rows), f"{count} bands of {band_rows} rows for {rows} rows")
    lengths = [reader.varint() for _ in range(count)]
    bands = [Band(i * band_rows, min((i + 1) * band_rows, rows), reader.take(length))
             for i, length in enumerate(lengths)]
    demand(reader.left() == 0, "bytes behind the last band")
    return bands
