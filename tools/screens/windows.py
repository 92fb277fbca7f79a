"""What programs show: windows on a desktop, code, terminals, web pages, tables."""

import math
import re

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from screens.graphics import chart
from screens.page import WORDS, load_font
from screens.raster import photo

# <w> becomes a word, <n> a number, <s> a few words.
CODE = """for (int <w> = 0; <w> < <n>; ++<w>) {
if (<w>.<w>() == <n>) {
return <w>_<w>(<w>, <n>);
const auto <w> = <w>.find("<w> <w>");
// <s>
}
}

<w>-><w>[<n>] += <w> * <n>;
while (!<w>.empty() && <w> > <n>) {
std::vector<float> <w>(<n>);
<w>.<w>(<w>, "<w>/<w>.txt");
void <w>_<w>(int <w>, const char* <w>) {
throw <w>_error("<w> <w>: " + <w>);
static bool <w> = false;
} else {
case <n>: <w> = <w>; break;
// <s> <s>""".split("\n")

TOKENS = re.compile(
    r"(?P<comment>//.*)|(?P<string>\"[^\"]*\")|(?P<number>\b\d+\b)|"
    r"(?P<keyword>\b(?:for|int|if|return|const|auto|while|float|void|char|throw|static|"
    r"bool|false|else|case)\b)|"
    r"(?P<call>\w+(?=\())|(?P<plain>\w+|\s+|.)")


def icon(page, x, y, side):
    """A small picture of a few shapes."""
    with page.smooth((x, y, x + side, y + side)) as draw:
        hue = page.rng.random()
        draw.rounded_rectangle((0, 0, side - 1, side - 1),
                               radius=side * 0.6,
                               fill=page.colour(0.45, 0.6, hue))
        for _ in range(page.between(1, 3)):
            a, b = sorted(page.rng.uniform(0.1, 0.9) * side for _ in "ab")
            c, d = sorted(page.rng.uniform(0.1, 0.9) * side for _ in "cd")
            shade = page.colour(page.rng.uniform(0.6, 1), 0.6, hue + page.rng.choice([0, 0.1, 0.5]))
            if page.rng.random() < 0.4:
                draw.polygon([(a, d), ((a + b) / 2, c), (b, d)], fill=shade)
            else:
                getattr(draw, page.rng.choice(["ellipse", "rectangle"]))((a, c, b + 1, d + 1), fill=shade)


def button(page, x, y, label, main=False):
    """Gives where the next may begin."""
    width = math.ceil(load_font(page.font, page.px(13)).getlength(label)) + page.px(24)
    page.fill((x, y, x + width, y + page.px(28)),
              page.colour(0.45, 0.7) if main else (240, 240, 240),
              page.colour(0.35, 0.7) if main else (170, 170, 170), page.px(4))
    page.text(x + page.px(12), y + page.px(5), label, 13, "white" if main else "black")
    return x + width + page.px(10)


def form(page):
    """A dialog: labels, fields, boxes to tick, buttons."""
    page.fill((0, 0, page.width, page.height), (243, 243, 243))
    y, left = page.px(16), page.px(18)
    middle = left + page.px(130)
    while y < page.height - page.px(80):
        what = page.rng.choice(["field", "field", "tick", "text", "bar"])
        if what == "text":
            y = page.paragraph((left, y, page.width - left, page.height - page.px(50)),
                               12, (70, 70, 70),
                               length=15)
            continue
        page.text(left, y + page.px(4), page.words(1, 2), 13)
        if what == "field":
            page.fill((middle, y, page.width - left, y + page.px(26)), "white", (150, 150, 150), page.px(3))
            page.text(middle + page.px(8), y + page.px(4), page.rng.choice([page.amount(), page.words(1, 3)]))
        elif what == "bar":
            end = middle + (page.width - left - middle) * page.between(10, 90) // 100
            page.fill((middle, y + page.px(8), page.width - left, y + page.px(16)), (205, 205, 205))
            page.fill((middle, y + page.px(8), end, y + page.px(16)), page.colour(0.5, 0.8))
        else:
            side = page.px(14)
            page.fill((middle, y + page.px(4), middle + side, y + page.px(4) + side), "white", (90, 90, 90))
            if page.rng.random() < 0.5:
                page.draw.line([(middle + 3, y + page.px(4) + side // 2), (middle + side // 2, y + side),
                                (middle + side - 3, y + page.px(4) + 3)], page.colour(0.4, 0.8), page.px(2))
            page.text(middle + page.px(24), y + page.px(4), page.words(2, 4))
        y += page.px(38)
    y = page.height - page.px(42)
    button(page, button(page, left, y, "Apply", True), y, "Cancel")


def files(page):
    """A file manager: folders at the left, a list or icons at the right."""
    side = page.px(150)
    page.fill((0, 0, side, page.height), page.colour(0.95, 0.2))
    for row, y in enumerate(range(page.px(10), page.height, page.px(26))):
        if row == 2:
            page.fill((0, y - page.px(4), side, y + page.px(22)), page.colour(0.8, 0.6))
        page.text(page.px(16), y, page.words(1, 2))
    if page.rng.random() < 0.5:
        for y in range(page.px(12), page.height - page.px(80), page.px(92)):
            for x in range(side + page.px(20), page.width - page.px(70), page.px(92)):
                icon(page, x + page.px(12), y, page.px(48))
                page.text(x, y + page.px(54),
                          page.words(1, 1).lower() + page.rng.choice([".txt", ".png", ""]), 12)
        return
    for row, y in enumerate(range(page.px(6), page.height, page.px(24))):
        if row % 2:
            page.fill((side, y, page.width, y + page.px(24)), (246, 246, 246))
        icon(page, side + page.px(10), y + page.px(4), page.px(16))
        columns = (34, page.words(1, 3)), (230, page.amount()), (330, page.words(1, 1)), (430, page.amount())
        for x, string in columns:
            page.text(side + page.px(x), y + page.px(4), string, 12)


def window(page, box, kind):
    """A frame with title, menu and scroll bar around a page of a kind; it casts a shadow."""
    x0, y0, x1, y1 = box
    shadow = Image.new("L", (page.width, page.height))
    ImageDraw.Draw(shadow).rectangle((x0 + 2, y0 + page.px(5), x1 + 2, y1 + page.px(5)), fill=110)
    if page.rng.random() < 0.7:
        page.image.paste("black", mask=shadow.filter(ImageFilter.BoxBlur(page.px(8))))
    dark = page.rng.random() < 0.4
    bar, menu = y0 + page.px(30), y0 + page.px(54)
    page.fill((x0 - 1, y0 - 1, x1 + 1, y1 + 1), (235, 235, 235), (120, 120, 120), page.px(6))
    page.fill((x0, y0, x1, bar), page.colour(0.25, 0.2) if dark else page.colour(0.85, 0.3))
    icon(page, x0 + page.px(8), y0 + page.px(7), page.px(16))
    page.text(x0 + page.px(32), y0 + page.px(6), page.words(2, 4), 14, "white" if dark else "black")
    with page.smooth((x1 - page.px(80), y0, x1, bar)) as draw:
        for place, shade in enumerate(((90, 190, 90), (230, 190, 70), (220, 90, 80))):
            x = page.px(8 + 24 * place)
            draw.ellipse((x, page.px(8), x + page.px(13), page.px(21)), fill=shade)
    x = x0 + page.px(8)
    for _ in range(page.between(3, 6)):
        x += page.text(x, bar + page.px(4), page.words(1, 1), 13) + page.px(14)
    page.put(kind, (x0, menu, x1 - page.px(14), y1 - page.px(22)))
    page.fill((x1 - page.px(11), menu + page.px(20), x1 - page.px(3), menu + (y1 - menu) // 2),
              (175, 175, 175),
              radius=page.px(4))
    page.text(x0 + page.px(8), y1 - page.px(19), f"{page.words(1, 2)}: {page.amount()}", 11, (90, 90, 90))


def desktop(page):
    """Windows over a wallpaper, with icons, a task bar and a menu that hangs open."""
    rng, bar = page.rng, page.height - page.px(36)
    if rng.random() < 0.4:
        photo(page)
    else:
        ramp = Image.linear_gradient("L").resize((page.width, page.height), Image.BICUBIC)
        hue = page.hue + rng.choice([0, 0, 0.1, 0.3])
        light = page.colour(rng.choice([0.3, 0.6]), 0.5, hue)
        page.image.paste(ImageOps.colorize(ramp, page.colour(0.3), light))
    for y in range(page.px(16), bar - page.px(80), page.px(90)):
        icon(page, page.px(24), y, page.px(44))
        page.text(page.px(18), y + page.px(50), page.words(1, 1), 12, "white")
    for _ in range(page.between(1, 4)):
        x0, y0 = page.between(page.px(20), page.width * 0.4), page.between(page.px(10), page.height * 0.35)
        x1, y1 = page.between(page.width * 0.65, page.width - 20), page.between(page.height * 0.65, bar - 10)
        kind = rng.choice([editor, terminal, sheet, chart, web, files, form, files, form, photo])
        window(page, (x0, y0, x1, y1), kind)
    page.fill((0, bar, page.width, page.height), page.colour(0.15, 0.3))
    for place in range(page.between(4, 9)):
        icon(page, page.px(12 + 40 * place), bar + page.px(5), page.px(26))
    clock = f"{page.between(0, 23):02}:{page.between(0, 59):02}"
    page.text(page.width - page.px(12), bar + page.px(9), clock, 14, "white", right=True)
    if rng.random() < 0.5:
        x, y, rows = page.between(0, page.width * 0.7), page.between(0, page.height * 0.4), page.between(4, 9)
        page.fill((x, y, x + page.px(200), y + page.px(26 * rows + 8)), (250, 250, 250), (160, 160, 160))
        page.fill((x + 1, y + page.px(30), x + page.px(200) - 1, y + page.px(56)), page.colour(0.5, 0.7))
        for row in range(rows):
            page.text(x + page.px(28), y + page.px(26 * row + 8), page.words(1, 3), 13,
                      "white" if row == 1 else "black")


def theme(page):
    """(background, colours of the kinds of TOKENS), dark or light."""
    dark = page.rng.random() < 0.6
    background = page.colour(0.12 if dark else 0.98, page.rng.choice([0, 0.2, 0.4]))
    colours = {
        kind: page.colour(0.7 if dark else 0.35, 0.6, page.hue + place / 5)
        for place, kind in enumerate(("keyword", "string", "number", "call"))
    }
    grey = (130, 130, 130)
    return background, {**colours, "comment": grey, "plain": (225, 225, 225) if dark else (30, 30, 30)}


def editor(page):
    """Code with colours and line numbers."""
    background, colours = theme(page)
    page.fill((0, 0, page.width, page.height), background)
    size, gutter, depth = page.rng.choice([11, 12, 13, 14, 16]), page.px(48), 1
    step, face = page.px(size * 1.45), load_font(page.mono, page.px(size))
    current, files_shown = page.between(3, 20), page.rng.random() < 0.4 and page.width > page.px(600)
    left = page.px(170) if files_shown else 0
    for number, y in enumerate(range(page.px(6), page.height, step), page.between(1, 900)):
        if files_shown:
            page.text(page.px(10 + 12 * (number % 3)), y,
                      page.words(1, 1).lower() + ".cpp", 12, colours["comment"])
        if number % 31 == current:
            shade = tuple(round(0.9 * b + 0.1 * p) for b, p in zip(background, colours["plain"]))
            page.fill((left, y, page.width, y + step), shade)
        page.text(left + gutter - page.px(8), y, str(number), size, colours["comment"], page.mono, right=True)
        line = page.rng.choice(CODE).replace("<s>", page.words(3, 9))
        line = re.sub("<w>", lambda _: page.rng.choice(WORDS), line)
        line = re.sub("<n>", lambda _: str(page.between(0, 300)), line)
        depth = max(1, depth - line.startswith("}"))
        x = left + gutter + depth * 2 * face.getlength(" ")
        for token in TOKENS.finditer(line):
            if not token[0].isspace():
                page.text(round(x), y, token[0], size, colours[token.lastgroup], page.mono)
            x += face.getlength(token[0])
        depth = min(8, depth + line.endswith("{"))


def terminal(page):
    """Commands and what they say."""
    background, colours = theme(page)
    page.fill((0, 0, page.width, page.height), background)
    size, shades = page.rng.choice([12, 13, 14, 16]), list(colours.values())
    columns = max(8, int(page.width / load_font(page.mono, page.px(size)).getlength("m")) - 2)
    block, left = "list", 0
    for y in range(page.px(4), page.height, page.px(size * 1.3)):
        if left == 0:
            block, left = page.rng.choice(["list", "log", "text", "bars"]), page.between(3, 14)
            prompt = f"{page.rng.choice(WORDS)}@{page.rng.choice(WORDS)}:~$ "
            width = page.text(page.px(5), y, prompt, size, colours["string"], page.mono)
            page.text(page.px(5) + width, y, page.words(1, 4).lower(), size, colours["plain"], page.mono)
            continue
        left -= 1
        line, shade, word = page.sentence(), colours["plain"], page.rng.choice(WORDS)
        if block == "list":
            owner = page.rng.choice(WORDS[:9])
            line = f"-rw-r--r-- 1 {owner:8} {page.between(1, 9**7):9} {page.amount():>10} {word}"
        elif block == "log":
            line, shade = f"[{page.rng.random() * 999:10.4f}] {word}: {line}", page.rng.choice(shades)
        elif block == "bars":
            share = page.between(0, 100)
            line = f"{word:10} [{'#' * (share // 4):25}] {share:3}%"
        page.text(page.px(5), y, line[:columns], size, shade, page.mono)


def web(page):
    """A site: navigation, a large picture, an article in columns, cards with small pictures."""
    rng, ink = page.rng, (45, 45, 45)
    margin, bar = page.px(rng.choice([16, 40, 70])), page.px(52)
    dark = rng.random() < 0.5
    page.fill((0, 0, page.width, bar), page.colour(0.25 if dark else 0.96))
    icon(page, margin, page.px(10), page.px(32))
    x = margin + page.px(60)
    while x < page.width - page.px(160):
        x += page.text(x, page.px(17), page.words(1, 2), 14, "white" if dark else ink) + page.px(24)
    y = bar
    if rng.random() < 0.7:
        high = page.between(page.height * 0.2, page.height * 0.4)
        page.put(photo, (0, y, page.width, y + high))
        page.text(margin, y + high // 3, page.words(2, 4), 34, "white")
        button(page, margin, y + high // 3 + page.px(56), page.words(1, 2), True)
        y += high
    columns = rng.choice([1, 2, 2, 3]) if page.width > page.px(500) else 1
    wide = (page.width - 2 * margin) // columns
    font, size = rng.choice([page.font, page.second]), rng.choice([12, 13, 15, 16])
    for column in range(columns):
        left, top = margin + column * wide, y + page.px(20)
        right = left + wide - page.px(24)
        card = rng.random() < 0.3
        while top < page.height:
            what = rng.choice(["title", "text", "text", "photo", "list", "button"])
            if card and what in ("title", "photo"):
                around = (left - page.px(8), top, right + page.px(8), top + page.px(220))
                page.fill(around, page.colour(0.97, 0.3), page.colour(0.85, 0.2))
                top += page.px(10)
            if what == "title":
                page.text(left, top, page.words(2, max(2, wide // page.px(110))), rng.choice([18, 22, 28]),
                          page.colour(0.3))
                top += page.px(42)
            elif what == "text":
                box, length = (left, top, right, page.height + page.px(40)), page.between(25, 90)
                top = page.paragraph(box, size, ink, font, length=length)
            elif what == "photo":
                page.put(photo, (left, top, right, top + wide // 2))
                page.text(left, top + wide // 2 + page.px(4), page.words(3, 6), 11, (120, 120, 120))
                top += wide // 2 + page.px(32)
            elif what == "list":
                blue, dot, start = (20, 80, 190), left + page.px(4), left + page.px(18)
                for _ in range(page.between(3, 6)):
                    page.fill((dot, top + page.px(8), dot + page.px(4), top + page.px(12)), ink)
                    end = start + page.text(start, top, page.words(2, 4), size, blue, font)
                    page.fill((start, top + page.px(size * 1.25), end, top + page.px(size * 1.25) + 1), blue)
                    top += page.px(size * 1.7)
            else:
                button(page, left, top, page.words(1, 2), rng.random() < 0.5)
                top += page.px(46)


def sheet(page):
    """A spreadsheet with a grid, or a table with shaded rows."""
    rng, size = page.rng, page.rng.choice([11, 12, 13])
    step, top, grid = page.px(size * 1.7), page.px(30), rng.random() < 0.7
    head = page.px(36) if grid else 0
    page.fill((0, 0, page.width, top), (238, 238, 238))
    icon(page, page.px(6), page.px(6), page.px(18))
    page.text(page.px(34), page.px(6), f"= sum({rng.choice(WORDS)}) * {page.amount()}", 13)
    edges = [head]
    while edges[-1] < page.width:
        edges.append(edges[-1] + page.px(rng.choice([50, 70, 90, 120, 180])))
    words = [rng.random() < 0.35 for _ in edges]
    filled = page.between(8, 60)
    for row, y in enumerate(range(top, page.height, step)):
        if row == 0:
            page.fill((0, y, page.width, y + step), (225, 225, 225) if grid else page.colour(0.35))
        elif not grid and row % 2:
            page.fill((0, y, page.width, y + step), page.colour(0.94, 0.4))
        if grid:
            page.fill((0, y, head, y + step), (225, 225, 225))
            page.text(head - page.px(5), y + page.px(2), str(row or ""), size, (90, 90, 90), right=True)
        for column, (left, right) in enumerate(zip(edges, edges[1:])):
            if row == 0:
                name = chr(65 + column % 26) if grid else rng.choice(WORDS).capitalize()
                page.text(left + page.px(5), y + page.px(2), name, size, (90, 90, 90) if grid else "white")
                continue
            if row > filled or rng.random() < 0.1:
                continue
            if rng.random() < 0.03:
                page.fill((left, y, right, y + step), page.colour(0.8, 0.8, rng.random()))
            if words[column]:
                page.text(left + page.px(5), y + page.px(2),
                          page.fitting(page.words(1, 3), right - left - page.px(10), size), size)
            else:
                amount = page.amount()
                shown = amount if page.fitting(amount, right - left - page.px(8), size) == amount else "####"
                page.text(right - page.px(5), y + page.px(2), shown, size, right=True)
        if grid:
            page.fill((0, y, page.width, y + 1), (200, 200, 200))
    for x in edges if grid else []:
        page.fill((x, top, x + 1, page.height), (200, 200, 200))
    if grid:
        column, row = min(page.between(0, 3), len(edges) - 2), page.between(2, 12)
        y, shade = top + row * step, page.colour(0.4, 0.8)
        page.draw.rectangle((edges[column], y, edges[column + 1], y + step), outline=shade, width=2)
