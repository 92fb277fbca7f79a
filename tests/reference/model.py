"""docs/format.md, section 9.4: a photo model's numbers, from its .safetensors file."""

import hashlib
import json
import struct

from conventions import demand
from tables import Table

_LETTERS = {"I8": "b", "I16": "h", "I32": "i", "U16": "H"}  # as `struct` has them
_NOT_IN_CONFIG_OF_ID = ("analysis", "distortion", "dropout", "lambda_max", "lambda_min")
_NOT_IN_ID = ("encoder.", "g_a.", "g_s.", "h_a.", "hyper_density.", "lf_density.", "log_gain", "log_inverse_gain",
              "posterior.")


class Tensor:
    def __init__(self, kind, shape, data):
        self.kind, self.shape, self.data = kind, shape, data
        letter = _LETTERS.get(kind)  # none of what only encoding and training need
        self.values = letter and struct.unpack(f"<{len(data) // struct.calcsize(letter)}{letter}", data)

    def part(self, index):
        """Of the first dimension."""
        size = len(self.values) // self.shape[0]
        return self.values[index * size:(index + 1) * size]


class Model:
    def __init__(self, data):
        length, = struct.unpack_from("<Q", data)
        header = json.loads(data[8:8 + length])
        metadata = header.pop("__metadata__")
        demand(metadata["format"] == "vaec" and metadata["vaec.architecture"] == "photo", "no photo model")
        self.config = json.loads(metadata["vaec.config"])
        demand(self.config.get("version", 1) == 1, "a configuration of another version")
        self._tensors = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            self._tensors[name] = Tensor(entry["dtype"], entry["shape"], data[8 + length + begin:8 + length + end])
        self.lf_tables = self._tables("lf")
        self.z_tables = self._tables("z")
        self.y_tables = self._tables("y")

    def __getitem__(self, name):
        return self._tensors[name]

    def level(self, quality):
        """Section 8.3: which of the model's levels a quality takes."""
        return (2 * (quality - 1) * (self.config["levels"] - 1) + 99) // 198

    def id(self):
        """All 32 bytes."""
        config = {name: value for name, value in self.config.items() if name not in _NOT_IN_CONFIG_OF_ID}
        text = json.dumps(config, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode() + b"\0")
        for name in sorted(self._tensors, key=str.encode):
            if name.startswith(_NOT_IN_ID):
                continue
            tensor = self[name]
            digest.update(name.encode() + b"\0" + tensor.kind.encode() + b"\0")
            digest.update(b"".join(struct.pack("<Q", size) for size in tensor.shape) + tensor.data)
        return digest.digest()

    def _tables(self, name):
        frequencies = self[f"tables.{name}.frequencies"].values
        tables, used = [], 0
        for first, length in zip(self[f"tables.{name}.first"].values, self[f"tables.{name}.length"].values):
            tables.append(Table(first, frequencies[used:used + length]) if length else tables[-1])
            used += length
        demand(used == len(frequencies), f"frequencies of tables.{name} that belong to no table")
        return tables
