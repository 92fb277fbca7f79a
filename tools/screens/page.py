"""A picture in the making: fonts, words, letters and shapes as screens show them."""

import colorsys
import contextlib
import functools
import glob
import math
import os
import re

from PIL import Image, ImageColor, ImageDraw, ImageFont

FONT_FOLDERS = [
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts",
    "/System/Library/Fonts", "C:/Windows/Fonts"
]
SMALLEST = 100  # what a kind has room to draw on, each side

WORDS = """able about account across add after again air all amber answer apple area arrive at autumn back
balance bank barley basket before begin below berry between bird blue board boat book border bread bridge
bright build by calm candle card carry castle centre change cheese choose city clear cloud coast cold colour
copper corner cotton count cross cup day deep delta door draft early east edge engine enough evening every
fabric fall farm fast field figure find first flour follow for forest from frost garden gentle glass gold
grain grass green grow harbour have hill hold honey hour house ice in index into iron island it journey june
keep kettle key king kitchen ladder lake lamp large late leaf less letter level light line linen list long
maple march market meadow measure metal mill mirror month more morning mountain narrow near new night north
note number oak ocean of office often old on open orange order over owner page paper part path pencil people
piece place plain plan plum point price quick quiet rail rain raise range reach record red reed report rest
rice ridge river road roof room rope round sail salt sand save school sea season second seed seven shade
share sheet ship shop short silver simple slow small smoke snow some south spring square stair station stone
street summer sun table take tea team test the thread tide time to total tower town train tree turn under up
valley value view village wall warm water wave week west wheat where while wide willow wind window winter
wire with wood work year yellow young zinc""".split()


@functools.lru_cache(maxsize=256)
def load_font(path, size):
    if path:
        return ImageFont.truetype(path, size)
    try:
        return ImageFont.load_default(size)
    except TypeError:  # before Pillow 10.1 it has one size only
        return ImageFont.load_default()


@functools.lru_cache(maxsize=None)
def find_fonts():
    """Files of fonts with Latin letters, of varying width and of one: each (upright of usual weight, all)."""
    varied, fixed = ([], []), ([], [])
    for folder in FONT_FOLDERS:
        pattern = os.path.join(glob.escape(os.path.expanduser(folder)), "**", "*.[to]tf")
        for path in sorted(glob.glob(pattern, recursive=True)):
            try:
                font = ImageFont.truetype(path, 50)
                missing, *letters = (bytes(font.getmask(letter)) for letter in "\uffffaRg5")
                (_, x_top, _, x_end), (_, d_top, _, _), (_, _, _, p_end) = map(font.getbbox, "xdp")
            except (OSError, ValueError):
                continue  # not a font that FreeType reads
            if missing in letters or not d_top < x_top < x_end < p_end:
                continue  # symbols
            usual, every = fixed if font.getlength("iiii") == font.getlength("WWWW") else varied
            every.append(path)
            if not re.search("bold|demi|ital|obli", font.getname()[1] or "", re.IGNORECASE):
                usual.append(path)
    return tuple((usual or every or [None], every or [None])
                 for usual, every in (varied, fixed if fixed[1] else varied))


class Smooth:
    """Draws as ImageDraw does, on an image that is FINER times as fine."""

    FINER = 3

    def __init__(self, image):
        self.image = image.resize((image.width * self.FINER, image.height * self.FINER), Image.NEAREST)
        self.draw = ImageDraw.Draw(self.image)

    def __getattr__(self, shape):
        def scaled(points, width=None, **options):
            flat = [value for point in points for value in (point if isinstance(point, tuple) else (point, ))]
            if width:
                options["width"] = round(width * self.FINER)
            getattr(self.draw, shape)([value * self.FINER for value in flat], **options)

        return scaled


class Page:
    """A picture in the making: its image, what chance decides, and the style of letters and lines on it."""
    def __init__(self, rng, width, height, outer=None):
        self.rng, self.width, self.height = rng, width, height
        self.image = Image.new("RGB", (width, height), "white")
        self.draw = ImageDraw.Draw(self.image)
        varied, fixed = (usual if rng.random() < 0.8 else every for usual, every in find_fonts())
        self.font, self.second, self.mono = rng.choice(varied), rng.choice(varied), rng.choice(fixed)
        self.scale = outer.scale if outer else rng.choice([1, 1, 1, 1.25, 1.5, 2])
        self.letters = outer.letters if outer else rng.choice(["grey", "grey", "subpixel", "aliased"])
        self.jagged = outer.jagged if outer else rng.random() < 0.2
        self.hue = outer.hue if outer else rng.random()

    def between(self, low, high):
        return self.rng.randint(int(low), max(int(low), int(high)))

    def px(self, length):
        """A length on an ordinary screen, in pixels of this one."""
        return max(1, round(length * self.scale))

    def colour(self, lightness, saturation=0.5, hue=None):
        """Of the page's hue, or another."""
        rgb = colorsys.hls_to_rgb((self.hue if hue is None else hue) % 1, lightness, saturation)
        return tuple(round(255 * value) for value in rgb)

    def words(self, low, high):
        return " ".join(self.rng.choices(WORDS, k=self.between(low, high))).capitalize()

    def sentence(self):
        pause = self.rng.choice([", ", " ", "; "])
        return self.words(3, 8) + pause + self.words(2, 7).lower() + self.rng.choice("....?!")

    def amount(self):
        return self.rng.choice([
            f"{self.between(0, 99)}", f"{self.between(0, 99999):,}", f"{self.rng.random() * 100:.2f}",
            f"{self.between(-40, 90)}%",
            f"20{self.between(10, 39)}-{self.between(1, 12):02}-{self.between(1, 28):02}"
        ])

    def fill(self, box, colour, outline=None, radius=0):
        x0, y0, x1, y1 = box
        if x1 > x0 and y1 > y0:
            box = (x0, y0, x1 - 1, y1 - 1)
            if radius and x1 - x0 > 2 * radius < y1 - y0:
                self.draw.rounded_rectangle(box, radius, colour, outline)
            else:
                self.draw.rectangle(box, colour, outline)

    @contextlib.contextmanager
    def smooth(self, box=None):
        """Something to draw shapes with, without jaggies on most pages; (0, 0) is the box's corner."""
        box = box or (0, 0, self.width, self.height)
        area = self.image.crop(box)
        if self.jagged:
            yield ImageDraw.Draw(area)
        else:
            fine = Smooth(area)
            yield fine
            area = fine.image.reduce(Smooth.FINER)
        self.image.paste(area, box[:2])

    def fitting(self, string, width, size=13):
        """As much of a line of text as that width has room for."""
        needed = load_font(self.font, self.px(size)).getlength(string)
        return string if needed <= width else string[:int(len(string) * max(0, width) / needed)]

    def text(self, x, y, string, size=13, colour="black", font=None, right=False):
        """One line, its top at y, from x on or up to x; gives its width."""
        path, pixels = font or self.font, self.px(size)
        face = load_font(path, pixels)
        width = math.ceil(face.getlength(string))
        if right:
            x -= width
        if self.letters == "subpixel" and path and string:
            # Each colour of a pixel has its own place: three masks, each a third of a pixel further right.
            box, mask = (x, y, x + width + 2, y + 2 * pixels), Image.new("L", (3 * width + 8, 6 * pixels))
            ImageDraw.Draw(mask).text((1, 0), string, 255, load_font(path, 3 * pixels))
            bands = self.image.crop(box).split()
            rgb = ImageColor.getrgb(colour) if isinstance(colour, str) else colour
            for third, (band, value) in enumerate(zip(bands, rgb)):
                area = (third, 0, third + 3 * (width + 2), 6 * pixels)
                band.paste(value, mask=mask.resize(band.size, Image.BOX, area))
            self.image.paste(Image.merge("RGB", bands), box)
        else:
            self.draw.fontmode = "1" if self.letters == "aliased" else "L"
            self.draw.text((x, y), string, colour, face)
        return width

    def paragraph(self, box, size=13, colour="black", font=None, justified=False, length=60):
        """Some sentences of `length` words or so; gives where the next one may begin."""
        left, y, right, bottom = box
        face = load_font(font or self.font, self.px(size))
        step, space = self.px(size * 1.5), self.px(size * 0.3)
        words, row, used = [], [], 0
        while len(words) < length:
            words += self.sentence().split()
        for word in words + [None]:
            width = math.ceil(face.getlength(word)) if word else 0
            if row and (word is None or used + width > right - left):
                if y + step > bottom:
                    return bottom
                stretched = justified and word and len(row) > 1
                spare = (right - left - used + space) / (len(row) - 1) if stretched else 0
                if spare or self.letters != "grey":
                    x = left
                    for each, each_width in row:
                        self.text(round(x), y, each, size, colour, font)
                        x += each_width + space + spare
                else:
                    self.text(left, y, " ".join(each for each, _ in row), size, colour, font)
                y, row, used = y + step, [], 0
            row.append((word, width))
            used += width + space
        return y + step // 2

    def put(self, kind, box):
        """Draws a page of another kind into a box."""
        width, height = box[2] - box[0], box[3] - box[1]
        if width > 0 and height > 0:
            inner = Page(self.rng, max(SMALLEST, width), max(SMALLEST, height), self)
            kind(inner)
            self.image.paste(inner.image.crop((0, 0, width, height)), box[:2])
