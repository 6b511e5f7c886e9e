#!/usr/bin/env python3
"""The filter asks its host for nothing but proxy-wasm's and WASI's functions, and is smaller than 4 MB.

Envoy refuses a module with an import it does not know, and with it the whole configuration: better seen here.
"""

import sys
from pathlib import Path

LIMIT = 4_000_000
IMPORT_SECTION = 2


class Reader:
    """A cursor over the binary format. <https://webassembly.github.io/spec/core/binary/>"""

    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def number(self):
        """LEB128."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value
            shift += 7

    def bytes(self):
        length = self.number()
        self.at += length
        return self.data[self.at - length : self.at]

    def limits(self):
        flags = self.byte()
        self.number()
        if flags & 1:
            self.number()


def imports(data):
    """Pairs of module and name."""
    assert data[:8] == b"\0asm\1\0\0\0", "no WebAssembly module"
    reader, found = Reader(data), []
    reader.at = 8
    while reader.at < len(data):
        section, body = reader.byte(), reader.bytes()
        if section != IMPORT_SECTION:
            continue
        inner = Reader(body)
        for _ in range(inner.number()):
            found.append((inner.bytes().decode(), inner.bytes().decode()))
            match inner.byte():
                case 0:  # function: its type
                    inner.number()
                case 1:  # table
                    inner.byte()
                    inner.limits()
                case 2:  # memory
                    inner.limits()
                case 3:  # global: its type, whether it changes
                    inner.at += 2
    return found


def allowed(module, name):
    return (module == "env" and name.startswith("proxy_")) or module == "wasi_snapshot_preview1"


def main(path):
    data = Path(path).read_bytes()
    found = imports(data)
    strangers = [f"{module}.{name}" for module, name in found if not allowed(module, name)]
    for stranger in strangers:
        print(f"{path} imports {stranger}, which Envoy does not have")
    if len(data) > LIMIT:
        print(f"{path} has {len(data):,} bytes, more than {LIMIT:,}")
    print(f"wasm: {len(data):,} bytes, {len(found)} imports")
    return bool(strangers) or len(data) > LIMIT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
