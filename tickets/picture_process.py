"""A program of its own that draws a picture anew: `python picture_process.py FORMAT < picture > preview` (P-7).

Decoders are where hostile pictures do their harm. So they run here: without database, settings or secrets, with a bound
on memory and time, and nothing of theirs comes back but the pixels, written anew as WebP. It needs Pillow alone.
"""

import io
import resource
import sys
import warnings
from collections.abc import Sequence

MEMORY = 1024 * 1024 * 1024  # bytes of address space: 40 megapixels in four channels, and the libraries
SECONDS = 10  # of the processor
LARGEST_EDGE = 1600  # pixels of the preview
MOST_PIXELS = 40_000_000
QUALITY = 82


def main(arguments: Sequence[str]) -> int:
    """Read a picture, write its preview as WebP, and after it the size as eight bytes; 1 where that cannot be done."""
    restrict()
    try:
        sys.stdout.buffer.write(drawn_anew(sys.stdin.buffer.read(), arguments[1]))
    except Exception as error:  # whatever a decoder finds: the picture stays a file to download
        print(type(error).__name__, file=sys.stderr)
        return 1
    return 0


def restrict() -> None:
    """Bound what this process may take; files it may not write at all."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def drawn_anew(content: bytes, form: str) -> bytes:
    """Return the first frame, upright, no larger than LARGEST_EDGE, as WebP without metadata, and its size."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(io.BytesIO(content), formats=[form.upper()]) as picture:
        picture.draft("RGB", (LARGEST_EDGE, LARGEST_EDGE))  # a JPEG is decoded smaller from the start
        turned = picture.getexif().get(0x0112, 1)
        picture.thumbnail((LARGEST_EDGE, LARGEST_EDGE))
        clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        plain = picture.convert("RGBA" if clear else "RGB")
    plain.info.clear()
    if turned != 1:
        plain.getexif()[0x0112] = turned
        plain = ImageOps.exif_transpose(plain)
    written = io.BytesIO()
    plain.save(written, "WEBP", quality=QUALITY, method=2, exif=b"", xmp=b"", icc_profile=b"")
    return plain.width.to_bytes(4, "big") + plain.height.to_bytes(4, "big") + written.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv))
