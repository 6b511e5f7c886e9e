#!/usr/bin/env python3
"""No source file is longer than 600 lines (aim at 150, split at 400). Nothing generated is checked in."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CAP, SPLIT = 600, 400


def main():
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.rs", "*.py"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    files = [ROOT / name for name in listed if (ROOT / name).exists()]
    lengths = {file.relative_to(ROOT): len(file.read_text().splitlines()) for file in files}
    over = {file: lines for file, lines in lengths.items() if lines > CAP}
    for file, lines in sorted(over.items()):
        print(f"{file}: {lines} lines, more than {CAP}")
    large = sum(lines > SPLIT for lines in lengths.values())
    print(f"sizes: {len(lengths)} files, {large} over {SPLIT} lines, {len(over)} over {CAP}")
    return bool(over)


if __name__ == "__main__":
    sys.exit(main())
