"""docs/format.md, sections 5.7 and 5.8: what a file says of its picture beyond the pixels."""

import zlib

from container import EXIF, ICC, RESOLUTION, XMP
from conventions import Reader, demand


def check_metadata(chunks):
    """Refuses chunks of another shape than the document's."""
    for kind in ICC, EXIF, XMP:
        if chunks.get(kind):
            _check_stream(chunks[kind])
    if RESOLUTION in chunks:
        _check_resolution(Reader(chunks[RESOLUTION]))


def _check_stream(content):
    stream = zlib.decompressobj()
    try:
        stream.decompress(content)
    except zlib.error as error:
        demand(False, f"metadata: {error}")
    demand(stream.eof and not stream.unused_data, "metadata that do not end with their zlib stream")


def _check_resolution(reader):
    demand(reader.u8() <= 3, "a resolution of an unknown unit")
    x = reader.varint()
    y = reader.varint() if reader.left() else None
    demand(1 <= x < 2**32 and (y is None or 1 <= y < 2**32), "a resolution of 0 or too large")
    demand(x != y and reader.left() == 0, "a resolution of another shape")
