"""Pictures of pixels: photographs of sorts, scans, pixel art, dithers, patterns."""

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from screens.graphics import chart
from screens.page import load_font


def clouds(rng, size, finest):
    """Grey noise, the stronger the coarser, as in nature; `finest` is the size of its finest grains."""
    noise = None
    for cells in (2**k for k in range(int(math.log2(max(size) / finest)), 0, -1)):
        grains = Image.frombytes("L", (cells, cells),
                                 rng.randbytes(cells * cells)).resize(size, Image.BICUBIC)
        noise = Image.blend(noise, grains, 0.45) if noise else grains
    return ImageOps.autocontrast(noise or Image.new("L", size, 128), 1)


def photo(page):
    """What a camera might see: hills before a sky, stones or fruit, everything a little soft and grainy."""
    rng, size = page.rng, (page.width, page.height)
    hue, horizon = rng.random(), page.height * rng.uniform(0.2, 0.6)
    image = ImageOps.colorize(clouds(rng, size, 40), page.colour(0.5, 0.6, hue), page.colour(0.95, 0.4, hue))
    for ridge in range(page.between(2, 5)):
        top, outline = horizon + ridge * page.height * 0.15, [(page.width, page.height), (0, page.height)]
        for x in range(0, page.width + 8, 8):
            top += rng.gauss(0, 2.5)
            outline.append((x, top))
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon(outline, 255)
        tint = hue + rng.uniform(0.2, 0.6)
        ground = clouds(rng, size, rng.choice([2, 3, 8]))
        dark, light = page.colour(0.1, 0.3, tint), page.colour(0.6 - 0.05 * ridge, 0.4, tint)
        image.paste(ImageOps.colorize(ground, dark, light), mask=mask)
    for _ in range(page.between(0, 6)):
        radius = page.between(page.height // 20, page.height // 6)
        ball = ImageOps.invert(Image.radial_gradient("L")).resize((2 * radius, 2 * radius), Image.BICUBIC)
        tint = rng.random()
        mask = Image.new("L", ball.size)
        ImageDraw.Draw(mask).ellipse((1, 1, 2 * radius - 2, 2 * radius - 2), 255)
        place = (page.between(-radius, page.width), page.between(horizon, page.height))
        shades = page.colour(0.8, 0.8, tint), page.colour(0.3, 0.8, tint)
        image.paste(ImageOps.colorize(ball, "black", *shades), place, mask)
    grain = Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))
    image = image.filter(ImageFilter.GaussianBlur(0.7))
    page.image.paste(Image.blend(image, grain.convert("RGB"), rng.choice([0, 0.01, 0.02, 0.05])))


def scan(page):
    """Print on paper: clean, in black and white only, or grey, noisy and a little askew."""
    rng, font = page.rng, page.second if page.rng.random() < 0.7 else page.font
    size, margin, columns = rng.choice([11, 13, 15]), page.width // 10, page.rng.choice([1, 1, 2])
    page.letters = "grey"
    wide = (page.width - 2 * margin) // columns
    page.text(margin, margin // 2, page.words(2, 5), 22, font=font)
    for column in range(columns):
        y, left = margin + page.px(20), margin + column * wide
        while y < page.height - margin:
            if rng.random() < 0.2:
                page.text(left, y, page.words(2, 4), size + 4, font=font)
                y += page.px(2 * size + 8)
            y = page.paragraph((left, y, left + wide - page.px(20), page.height - margin), size, "black",
                               font, True, page.between(40, 120))
    page.text(page.width // 2, page.height - margin // 2, str(page.between(1, 400)), size, font=font)
    image, how = page.image.convert("L"), rng.choice(["grey", "black and white", "noisy", "noisy"])
    if how == "black and white":
        image = image.point(lambda value: 255 if value > 140 else 0)
    elif how == "noisy":
        image = image.rotate(rng.uniform(-1, 1), Image.BICUBIC, fillcolor=255)
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 0.9)))
        grain = Image.frombytes("L", image.size, rng.randbytes(page.width * page.height))
        grain = grain.filter(ImageFilter.GaussianBlur(0.5))
        paper = ImageOps.colorize(image, (45, 42, 40),
                                  rng.choice([(246, 243, 236), (250, 250, 250), (228, 224, 214)]))
        page.image.paste(Image.blend(paper, grain.convert("RGB"), rng.uniform(0.02, 0.07)))
        return
    page.image.paste(image.convert("RGB"))


def pixel_art(page):
    """A scene of an old game, enlarged: tiles, platforms, mirrored figures, few colours."""
    rng, zoom = page.rng, page.rng.choice([2, 3, 4, 5, 6])
    wide, high = -(-page.width // zoom), -(-page.height // zoom)
    hues = [rng.random() for _ in range(3)]
    palette = [page.colour(lightness, 0.7, hue) for hue in hues for lightness in (0.15, 0.35, 0.55, 0.75)]
    small = Image.new("RGB", (wide, high), palette[2])
    draw, tile = ImageDraw.Draw(small), rng.choice([8, 16])

    def figure(side, colours):
        sprite = Image.new("RGBA", (side, side))
        for x in range(side // 2):
            for y in range(side):
                if rng.random() < 0.6 - abs(y - side / 2) / side * 0.5:
                    shade = rng.choice(colours)
                    sprite.putpixel((x, y), (*shade, 255))
                    sprite.putpixel((side - 1 - x, y), (*shade, 255))
        return sprite

    for y in range(high // 2):  # the sky's two colours are mixed by rows
        if (y * y) % (high // 2 + 1) > y * 4:
            draw.line((0, y, wide, y), palette[3])
    tiles = [
        Image.frombytes("P", (tile, tile), bytes(rng.choices(range(3), k=tile * tile))) for _ in range(4)
    ]
    for number, texture in enumerate(tiles):
        texture.putpalette([value for shade in palette[4 + number:7 + number] for value in shade])
    level = high * 2 // 3 // tile
    for column in range(wide // tile + 1):
        level = max(2, min(high // tile - 1, level + rng.choice([-1, 0, 0, 0, 0, 1])))
        for row in range(level, high // tile + 1):
            small.paste(tiles[0 if row == level else 1 + (row + column) % 3 // 2].convert("RGB"),
                        (column * tile, row * tile))
    sprites = [figure(rng.choice([8, 12, 16]), rng.sample(palette, 3) + [(0, 0, 0)]) for _ in range(5)]
    for _ in range(page.between(6, 25)):
        sprite = rng.choice(sprites)
        small.paste(sprite, (page.between(0, wide - 8), page.between(12, high - 20)), sprite)
    for _ in range(page.between(2, 6)):
        x, y = page.between(0, wide) // tile * tile, page.between(2, high // tile * 2 / 3) * tile
        for step in range(page.between(2, 6)):
            small.paste(tiles[3].convert("RGB"), (x + step * tile, y))
    draw.rectangle((0, 0, wide, 10), (0, 0, 0))
    draw.fontmode = "1"
    draw.text((2, 0), f"{page.words(1, 1).upper()} {page.between(0, 99999):06}", (255, 255, 255),
              load_font(None, 10))
    page.image.paste(small.resize((wide * zoom, high * zoom), Image.NEAREST))


def tiled(tile, size):
    image = Image.new(tile.mode, size)
    for x in range(0, size[0], tile.width):
        image.paste(tile, (x, 0))
    for y in range(tile.height, size[1], tile.height):
        image.paste(image.crop((0, 0, size[0], tile.height)), (0, y))
    return image


def bayer(side):
    """Thresholds of an ordered dither, 0 to 255, for a side that is a power of two."""
    rows = [[0]]
    while len(rows) < side:
        rows = [[4 * v + a for a in pair for v in row] for pair in ((0, 2), (3, 1)) for row in rows]
    thresholds = bytes((2 * v + 1) * 128 // side**2 for row in rows for v in row)
    return Image.frombytes("L", (side, side), thresholds)


def dither(page):
    """A photograph or a chart in few colours: ordered, or with the error diffused (Floyd and Steinberg)."""
    rng = page.rng
    rng.choice([photo, photo, photo, chart])(page)
    how, image = rng.choice(["ordered", "ordered", "diffused", "diffused", "bilevel"]), page.image
    if how == "bilevel":
        image = image.convert("1").convert("RGB")
    elif how == "diffused":
        colours = image.quantize(rng.choice([4, 8, 16, 64]))
        image = image.quantize(palette=colours, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB")
    else:
        step, side = rng.choice([255, 127, 85, 51]), rng.choice([2, 4, 8])
        thresholds = tiled(bayer(side), image.size).point(lambda value: value * step // 256)
        image = ImageChops.add(image, Image.merge("RGB", [thresholds] * 3))
        image = image.point(lambda value: value // step * step)
        if rng.random() < 0.3:
            image = ImageOps.colorize(image.convert("L"), page.colour(0.1),
                                      page.colour(0.9, 0.5, page.hue + 0.2))
    page.image.paste(image)


def screen(across, along):
    """Thresholds of a halftone's dots; across and along say how its rows lie."""
    side = across * across + along * along

    def wave(place):
        x, y = place % side + 0.1, place // side + 0.2
        turns = (across * x + along * y) / side, (across * y - along * x) / side
        return sum(math.cos(math.tau * turn) for turn in turns)

    tile = bytearray(side * side)
    for rank, place in enumerate(sorted(range(side * side), key=wave)):
        tile[place] = rank * 255 // (side * side)  # as many places below each grey as it has ink
    return Image.frombytes("L", (side, side), bytes(tile))


def halftone(page):
    """A photograph as print shows it: dots of one ink, or of four whose rows lie askew."""
    photo(page)
    one = page.rng.random() < 0.5
    bands = [page.image.convert("L")] if one else page.image.convert("CMYK").split()
    if not one:
        black = ImageChops.darker(ImageChops.darker(*bands[:2]), bands[2])
        bands = [ImageChops.subtract(band, black) for band in bands[:3]] + [black]
    rows = [(5, 2), (2, 5), (0, 5), (4, 4)]
    if one:
        rows = [page.rng.choice([(3, 3), (1, 4), (4, 4), (2, 5), (0, 6), (7, 3)])]
    screens = [tiled(screen(*row), page.image.size) for row in rows]
    dots = [ImageChops.subtract(band, thresholds).point(lambda value: 255 if value else 0)
            for band, thresholds in zip(bands, screens)]
    page.image.paste((dots[0] if one else Image.merge("CMYK", dots)).convert("RGB"))


def pattern(page):
    """Panels of checks, stripes, grids and rings, down to one pixel."""
    rng, across, down = page.rng, page.between(1, 4), page.between(1, 3)
    for place in range(across * down):
        box = [(place % across) * page.width // across, (place // across) * page.height // down,
               (place % across + 1) * page.width // across, (place // across + 1) * page.height // down]
        size, cell = (box[2] - box[0], box[3] - box[1]), rng.choice([1, 1, 2, 3, 4, 8, 15])
        pair = rng.choice([("black", "white"), ("black", "white"),
                           (page.colour(0.3), page.colour(0.8, 0.5, rng.random()))])
        what = rng.choice(["checks", "columns", "rows", "grid", "rings", "text"])
        tile = Image.new("RGB", (2 * cell, 2 * cell), pair[0])
        if what == "rings":
            reach = rng.choice([size[0], 4 * size[0], 20 * size[0]])
            rings = [
                round(127.5 + 127 * math.cos(((x - size[0] / 2)**2 + (y - size[1] / 2)**2) / reach))
                for y in range(size[1]) for x in range(size[0])
            ]
            page.image.paste(ImageOps.colorize(Image.frombytes("L", size, bytes(rings)), *pair), box)
            continue
        if what == "text":
            page.fill(box, pair[1])
            for y in range(box[1] + 4, box[3], page.px(16)):
                page.text(box[0] + 4, y, page.words(2, 3), 11, pair[0])
            continue
        parts = {
            "checks": [(0, 0), (1, 1)],
            "columns": [(0, 0), (0, 1)],
            "rows": [(0, 0), (1, 0)],
            "grid": [(0, 0)]
        }
        for x, y in parts[what]:
            tile.paste(pair[1], (x * cell, y * cell, x * cell + cell, y * cell + cell))
        page.image.paste(tiled(tile, size), box)
