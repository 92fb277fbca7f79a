"""docs/format.md, section 12: the document's own file, with the made-up model that it describes."""

import os
import re
import unittest

import container
from hyper_latent import decode_hyper_latent
from latent import BandDecoder, check_latent
from lf_image import decode_lf_image
from model import Tensor
from tables import Table

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "format.md")
CHANNELS = 3
ROWS, COLUMNS = 4, 3


def bytes_of_document():
    with open(DOCUMENT, encoding="utf-8") as file:
        dump = re.search(r"^```hex\n(.*?)^```", file.read(), re.MULTILINE | re.DOTALL).group(1)
    data = b""
    for line in dump.splitlines():
        offset, numbers = re.match(r"([0-9A-F]{4})  ((?:[0-9A-F]{2} )+)", line).groups()
        assert int(offset, 16) == len(data), line
        data += bytes.fromhex(numbers)
    return data


class MadeUpModel:
    config = {"hyper": 2, "latent": CHANNELS, "lf": [2], "levels": 1}
    lf_tables = z_tables = [Table(-1, (16384, 32768, 16380, 4))] * 78
    y_tables = [Table(-2, (2000, 8000, 45000, 8000, 2000, 536))] * 1044
    _tensors = {
        "hyper.means": Tensor("I32", [1, 2], bytes(8)),
        "hyper.expected": Tensor("I32", [1, 2], bytes([1, 0, 0, 0] * 2)),
        "hyper.weights": Tensor("I8", [1, 4, 2], bytes(8)),
        "context.weights": Tensor("I8", [1, 2, 4, CHANNELS], bytes(8 * CHANNELS)),
        "context.expected": Tensor("I32", [64], bytes(256)),
    }

    def __getitem__(self, name):
        return self._tensors[name]

    def level(self, _quality):
        return 0


class MadeUpHyperSynthesis:
    def predict_first(self, top, bottom):
        mean16 = [[[value] * COLUMNS for _ in range(ROWS)] for value in (8, 0, 0)]
        mean16[0][0][1] = 24
        scale = [[[20] * COLUMNS for _ in range(ROWS)] for _ in range(CHANNELS)]
        return [plane[top:bottom] for plane in mean16], [plane[top:bottom] for plane in scale]

    def predict_second(self, top, bottom, _latent16, _first_mean16):
        return self.predict_first(top, bottom)


class WorkedExample(unittest.TestCase):
    def test_it_decodes_to_what_the_document_says(self):
        file, model = container.File(bytes_of_document()), MadeUpModel()
        header = file.header
        self.assertEqual((header.width, header.height, header.quality), (40, 60, 50))
        self.assertEqual((header.samples, header.depth), (3, 8))

        z = decode_hyper_latent(file.chunks[container.HYPER_LATENT], model, 40, 60, 50)
        self.assertEqual(z, [[[1]], [[5]]])

        lf, = decode_lf_image(file.chunks[container.LF_IMAGE], model, 40, 60)
        latent16 = [[], [], []]
        for band in container.read_bands(file.chunks[container.LATENT_BANDS], ROWS, container.MOST_LATENT_ROWS):
            decoder = BandDecoder(model, 0, {2: lf[band.top:band.bottom]}, band, COLUMNS, MadeUpHyperSynthesis())
            for plane, rows in zip(latent16, decoder.decode()):
                plane += rows
        nothing = [0, 0, 0]
        self.assertEqual(latent16[0][:2], [[8, 24, 8], [8, 26, -28]])
        self.assertEqual(latent16[1:], [[nothing, [0, -9, 0], nothing, nothing], [nothing] * ROWS])
        self.assertEqual(latent16[0][2:], [[8, 8, 8], [8, 8, 8]])
        check_latent(file.chunks[container.LATENT_CHECKSUM], latent16)
