"""The size of a picture by its header, and the process that draws it anew."""

import io
import subprocess
import sys

import pytest
from PIL import Image

from tickets import picture_process, pictures

ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825


def encoded(form, size=(120, 80), **options):
    """A picture as a program would write it."""
    written = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(written, form, **options)
    return written.getvalue()


def drawn(content, form):
    """What the process says, and what it writes."""
    command = [sys.executable, "-I", picture_process.__file__, form]
    return subprocess.run(command, input=content, capture_output=True, env={}, check=False)


def with_place():
    """A photograph that lies on its side and knows where it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "A camera"
    exif.get_ifd(GPS)[1] = "N"
    return encoded("JPEG", exif=exif.tobytes())


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("GIF", {}),
        ("WebP", {}),
        ("WebP", {"lossless": True}),
    ],
)
def test_the_header_says_how_large_it_is(form, options):
    """P-7: before anything is decoded."""
    assert pictures.size_of(io.BytesIO(encoded(form, **options)), form) == (120, 80)


def test_a_jpeg_says_so_behind_what_the_camera_wrote():
    """P-7"""
    assert pictures.size_of(io.BytesIO(with_place()), "JPEG") == (120, 80)


def test_an_animated_picture_in_webp_says_so():
    """P-7"""
    written = io.BytesIO()
    frames = [Image.new("RGB", (30, 20), (shade, 0, 0)) for shade in (0, 200)]
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:])

    assert pictures.size_of(written, "WebP") == (30, 20)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WebP"])
def test_a_header_that_ends_too_early_says_nothing(form):
    """P-8"""
    whole = encoded(form)
    for length in range(24):
        assert pictures.size_of(io.BytesIO(whole[:length] if length < 8 else whole[:9]), form) is None


@pytest.mark.parametrize(("size", "refused"), [((8_000, 5_000), False), ((8_000, 5_001), True)])
def test_40_megapixels_are_enough(size, refused):
    """RELIABILITY, attachments"""
    assert pictures.is_too_large(size) is refused


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WebP"])
def test_a_picture_is_drawn_anew_as_webp(form):
    """P-7"""
    done = drawn(encoded(form, (3_200, 100)), form)

    size, picture = done.stdout[:8], Image.open(io.BytesIO(done.stdout[8:]))
    assert (picture.format, picture.size) == ("WEBP", (1_600, 50))
    assert size == (1_600).to_bytes(4, "big") + (50).to_bytes(4, "big")


def test_it_stands_upright_and_forgets_where_it_was_taken():
    """P-7: metadata such as the place is dropped."""
    picture = Image.open(io.BytesIO(drawn(with_place(), "JPEG").stdout[8:]))

    assert picture.size == (80, 120)
    assert (dict(picture.getexif()), b"camera" in picture.tobytes()) == ({}, False)
    assert not {"exif", "xmp", "icc_profile"} & set(picture.info)


def test_of_an_animation_the_first_frame_is_drawn():
    """P-7: bounded, however many there are."""
    written = io.BytesIO()
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue", "lime")]
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:], duration=20)

    picture = Image.open(io.BytesIO(drawn(written.getvalue(), "GIF").stdout[8:]))

    red, green, blue = picture.convert("RGB").getpixel((20, 20))
    assert (getattr(picture, "n_frames", 1), red > 200, green < 60, blue < 60) == (1, True, True, True)


def test_nothing_of_what_hides_behind_a_picture_comes_through():
    """P-7: a polyglot is a picture of ours afterwards."""
    done = drawn(encoded("GIF") + b"<script>alert(1)</script>", "GIF")

    assert done.returncode == 0
    assert b"script" not in done.stdout


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "PNG"),
        (b"GIF89a/*" + b"\xff" * 64, "GIF"),
        (b"", "JPEG"),
        (b"<svg onload='alert(1)'/>", "PNG"),
        (encoded("PNG"), "JPEG"),
    ],
)
def test_what_cannot_be_drawn_is_refused_without_a_word_of_it(content, form):
    """P-7, P-8"""
    done = drawn(content, form)

    assert (done.returncode, done.stdout) == (1, b"")


def test_a_hundred_megapixels_in_twelve_kilobytes_are_not_decoded():
    """P-7, P-8: the process is the second wall, for headers that lie."""
    written = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(written, "PNG")

    done = drawn(written.getvalue(), "PNG")

    assert (done.returncode, done.stderr.strip()) == (1, b"DecompressionBombError")
    assert picture_process.MOST_PIXELS == pictures.MOST_PIXELS
