"""Reads and writes .safetensors files with nothing but numpy and the standard library.

The layout: eight bytes, the little-endian length of a JSON header; the header, which gives every
tensor's dtype, shape and byte range; then the tensors' bytes, one after the other. `__metadata__`
in the header maps strings to strings.
"""

import json
import struct

import numpy as np

DTYPES = {"F32": np.dtype("<f4"), "I64": np.dtype("<i8"), "U8": np.dtype("u1")}


def write(path, tensors, metadata=None):
    """Writes `tensors` (name -> array); everything but int64 and uint8 is stored as float32."""
    header = {}
    if metadata:
        header["__metadata__"] = {str(key): str(value) for key, value in metadata.items()}
    payload = []
    offset = 0
    for name, values in tensors.items():
        values = np.asarray(values)
        kind = {"int64": "I64", "uint8": "U8"}.get(values.dtype.name, "F32")
        data = np.ascontiguousarray(values, dtype=DTYPES[kind]).tobytes()
        header[name] = {
            "dtype": kind,
            "shape": list(values.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        payload.append(data)
        offset += len(data)
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(encoded)))
        file.write(encoded)
        file.writelines(payload)


def read(path):
    """Returns (name -> array, metadata)."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        payload = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(payload[begin:end], dtype=DTYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors, metadata
