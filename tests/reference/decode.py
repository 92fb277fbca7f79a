"""A reference decoder of .vaec files, written from docs/format.md: for reading and comparing, not for speed."""

import container
from conventions import demand
from exact import decode_alpha, decode_pixel_bands, put_exact_blocks
from hyper_latent import decode_hyper_latent
from last_filter import LastFilter
from latent import check_latent, decode_latent
from lf_image import decode_lf_image
from metadata import check_metadata
from plan import Plan
from synthesis import Synthesis, samples_of


class Picture:
    """`pixels`: rows of pixels, each a list of samples, in a lossless picture with its alpha. `alpha`: rows of samples
    of a photo's alpha, or none. `latent16`: a photo's latent, by channel, row and column."""

    def __init__(self, header, pixels, alpha=None, latent16=None):
        self.header, self.pixels, self.alpha, self.latent16 = header, pixels, alpha, latent16

    def samples(self):
        """In the order of section 13: all colours, then all alpha."""
        colours = self.header.colours
        for row in self.pixels:
            for pixel in row:
                yield from pixel[:colours]
        for row in self.alpha or []:
            yield from row
        for row in self.pixels:
            for pixel in row:
                yield from pixel[colours:]


def decode(data, model=None):
    """The picture of a .vaec file's bytes; of profile 0 with its model. Raises Refuse."""
    file = container.File(data)
    check_metadata(file.chunks)
    demand(file.header.profile != container.SMALL_IMAGE, "a small image: the document leaves its pixels open")
    if file.header.profile == container.LOSSLESS:
        return _decode_lossless(file)
    demand(model is not None and model.id()[:8] == file.header.model_id, "a photo of another model")
    return _decode_photo(file, model)


def _decode_lossless(file):
    header, chunks = file.header, file.chunks
    plan = Plan(chunks[container.PLAN], header.colours, header.has_alpha, header.largest)
    return Picture(header, decode_pixel_bands(chunks[container.PIXEL_BANDS], plan, header))


def _decode_photo(file, model):
    header, chunks = file.header, file.chunks
    lf = decode_lf_image(chunks[container.LF_IMAGE], model, header.width, header.height)
    z = decode_hyper_latent(chunks[container.HYPER_LATENT], model, header.width, header.height, header.quality)
    bands = container.read_bands(chunks[container.LATENT_BANDS], len(lf[0]), container.MOST_LATENT_ROWS)
    latent16 = decode_latent(bands, model, header, lf, z)
    if container.LATENT_CHECKSUM in chunks:
        check_latent(chunks[container.LATENT_CHECKSUM], latent16)

    values = Synthesis(model, header.quality).values(latent16)
    if container.LAST_FILTER in chunks:
        values = LastFilter(chunks[container.LAST_FILTER], header.colours).apply(values, header.width, header.height)
    pixels = samples_of(values, header)
    if container.EXACT_BLOCKS in chunks:
        plan = Plan(chunks[container.PLAN], header.colours, False, header.largest)
        put_exact_blocks(chunks[container.EXACT_BLOCKS], plan, header, pixels)
    alpha = decode_alpha(chunks[container.ALPHA], header) if container.ALPHA in chunks else None
    return Picture(header, pixels, alpha, latent16)
