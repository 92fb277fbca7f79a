"""Drawings of lines and areas: charts, maps, diagrams."""

import math

from screens.page import WORDS


def chart(page):
    """One or four charts with axes, grids and legends."""
    layouts = [(1, 1), (1, 1), (2, 1), (1, 2), (2, 2)]
    across, down = page.rng.choice(layouts) if page.width > page.px(500) else (1, 1)
    wide, high = page.width // across, page.height // down
    for place in range(across * down):
        x, y = place % across * wide, place // across * high
        box = (x + page.px(56), y + page.px(44), x + wide - page.px(24), y + high - page.px(44))
        page.rng.choice([axes, axes, axes, pie])(page, box)
        page.text(x + page.px(56), y + page.px(12), page.words(2, 5), 16)


def legend(page, x, y, colours):
    for row, colour in enumerate(colours):
        page.fill((x, y + page.px(18 * row + 3), x + page.px(12), y + page.px(18 * row + 13)), colour)
        page.text(x + page.px(18), y + page.px(18 * row), page.rng.choice(WORDS), 11)


def series_colours(page):
    start = page.rng.random()
    return [
        page.colour(page.rng.uniform(0.4, 0.6), 0.65, start + place * 0.29)
        for place in range(page.between(1, 5))
    ]


def axes(page, box):
    """Lines, areas, bars or points."""
    rng, (left, top, right, bottom) = page.rng, box
    if right - left < 20 or bottom - top < 20:
        return
    what, colours, ink = rng.choice(["lines", "area", "bars", "points"]), series_colours(page), (60, 60, 60)
    if rng.random() < 0.3:
        page.fill(box, (234, 234, 242))
    for tick in range(6):
        y, x = bottom - tick * (bottom - top) // 5, left + tick * (right - left) // 5
        page.fill((left - page.px(4), y, right, y + 1), (205, 205, 205))
        page.text(left - page.px(8), y - page.px(7), f"{tick * 20}", 11, ink, right=True)
        if what in ("lines", "points"):
            page.fill((x, top, x + 1, bottom + page.px(4)), (205, 205, 205))
        page.text(x - page.px(8), bottom + page.px(7), f"{2000 + 5 * tick}", 11, ink)
    count = page.between(8, 40) if what == "bars" else page.between(20, 150)
    values = []
    wander = 0.12 if what == "bars" else 0.03
    for _ in colours:
        level, row = rng.uniform(0.2, 0.8), []
        for _ in range(count):
            level = min(0.98, max(0.02, level + rng.gauss(0.05 * (0.5 - level), wander)))
            row.append(level)
        values.append(row)
    width, high, slot = right - left, bottom - top, (right - left) / count
    with page.smooth(box) as draw:
        for place, (row, colour) in enumerate(zip(values, colours)):
            line = [(i / (count - 1) * width, (1 - value) * high) for i, value in enumerate(row)]
            if what == "lines":
                draw.line(line, fill=colour, width=page.px(2))
            elif what == "area":
                draw.polygon([(0, high)] + line + [(width, high)], fill=colour)
            elif what == "points":
                for _ in range(count):
                    x, y = rng.random() * width, (1 - row[0] + rng.gauss(0, 0.1)) * high
                    draw.ellipse((x, y, x + page.px(6), y + page.px(6)), fill=colour)
            else:
                thick = slot * 0.8 / len(colours)
                for i, value in enumerate(row):
                    x = round(i * slot + place * thick)
                    draw.rectangle((x, round((1 - value) * high), x + max(1, round(thick)), high),
                                   fill=colour)
    page.fill((left, top, left + 1, bottom), ink)
    page.fill((left, bottom, right, bottom + 1), ink)
    if len(colours) > 1:
        page.fill((right - page.px(90), top + page.px(6), right - page.px(6),
                   top + page.px(18 * len(colours) + 14)), "white", (200, 200, 200))
        legend(page, right - page.px(84), top + page.px(10), colours)


def pie(page, box):
    left, top, right, bottom = box
    side, colours = min(right - left, bottom - top), series_colours(page) + series_colours(page)
    if side < 20:
        return
    hole = page.rng.choice([0, 0.5])
    with page.smooth((left, top, left + side, top + side)) as draw:
        angle = start = page.rng.uniform(-90, 90)
        shares = [page.rng.uniform(0.2, 1) for _ in colours]
        for colour, share in zip(colours, shares):
            turn = 360 * share / sum(shares)
            draw.pieslice((1, 1, side - 2, side - 2),
                          start=angle,
                          end=min(angle + turn, start + 360),
                          fill=colour)
            angle += turn
        if hole:
            draw.ellipse([side * x for x in (0.27, 0.27, 0.73, 0.73)], fill="white")
    legend(page, left + side + page.px(16), top, colours)


def town_map(page):
    """Streets between blocks with houses, roads with a rim, a river, parks, names."""
    rng, size = page.rng, (page.width, page.height)
    land, water, park = (242, 239, 233), (170, 211, 223), (200, 225, 180)
    page.fill((0, 0, *size), land)
    turn, block = rng.uniform(-0.5, 0.5), page.px(rng.choice([60, 90, 130]))
    reach = int(math.hypot(*size) / block) // 2 + 1

    def place(across, along):
        """From blocks, counted from the middle, to pixels."""
        x, y = across * block, along * block * 0.7
        return (page.width / 2 + x * math.cos(turn) - y * math.sin(turn),
                page.height / 2 + x * math.sin(turn) + y * math.cos(turn))

    def course(start, heading):
        """A way that bends a little all along."""
        (x, y), step, points = start, page.width / 40, [start]
        while len(points) < 60:
            heading += rng.gauss(0, 0.12)
            x, y = x + math.cos(heading) * step, y + math.sin(heading) * step
            points.append((x, y))
        return points

    with page.smooth() as draw:
        for _ in range(page.between(2, 5)):
            a, b = page.between(-reach, reach), page.between(-reach, reach)
            draw.polygon([place(a, b), place(a + 2, b), place(a + 2.5, b + 2), place(a, b + 2)], fill=park)
        draw.line(course((0, page.between(0, page.height)), 0),
                  fill=water,
                  width=page.px(rng.choice([14, 30, 60])))
        for a in range(-reach, reach):
            for b in range(-reach, reach):
                for _ in range(page.between(0, 4)):
                    u, v = a + rng.uniform(0.1, 0.7), b + rng.uniform(0.1, 0.7)
                    wide, deep = rng.uniform(0.1, 0.2), rng.uniform(0.1, 0.2)
                    corners = [(u, v), (u + wide, v), (u + wide, v + deep), (u, v + deep)]
                    draw.polygon([place(*corner) for corner in corners], fill=(217, 208, 201))
        streets = [(place(-reach, b), place(reach, b)) for b in range(-reach, reach) if rng.random() < 0.8]
        streets += [(place(a, -reach), place(a, reach)) for a in range(-reach, reach) if rng.random() < 0.8]
        roads = [course((page.between(0, page.width), 0), 1.5), course((0, page.between(0, page.height)), 0)]
        for lines, width, rim, inside in ((streets, 7, (200, 196, 190), "white"),
                                          (roads, 14, (220, 150, 60), (252, 214, 164))):
            for shade, extra in ((rim, 2), (inside, 0)):
                for line in lines:
                    draw.line(line, fill=shade, width=page.px(width) + extra)
        draw.line(course((page.width, page.between(0, page.height)), 3.1),
                  fill=(110, 110, 110),
                  width=page.px(2))
    for _ in range(page.between(12, 40)):
        x, y = page.between(0, page.width), page.between(0, page.height)
        name, size = page.words(1, 2), rng.choice([10, 11, 11, 13, 18])
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            page.text(x + dx, y + dy, name, size, "white")
        page.text(x, y, name, size, (80, 70, 90))


def diagram(page):
    """Boxes joined by lines one pixel wide, or a technical drawing of circles, hatches and measures."""
    (flow if page.rng.random() < 0.6 else technical)(page)


def flow(page):
    rng, ink = page.rng, page.rng.choice([(0, 0, 0), (60, 60, 60), page.colour(0.3)])
    wide, high = page.px(rng.choice([130, 160])), page.px(rng.choice([60, 90]))
    grid = [(x, y) for y in range(page.px(20), max(page.px(21), page.height - high), high + page.px(50))
            for x in range(page.px(20), max(page.px(21), page.width - wide), wide + page.px(70))]
    spots = [(x + page.between(0, 30), y + page.between(0, 20))
             for x, y in rng.sample(grid, math.ceil(len(grid) * 0.8))]
    for x0, y0 in spots:
        x1, y1 = rng.choice(spots)
        a, b, tip = (x0 + wide // 2, y0 + high // 2), (x1 + wide // 2, y1 - page.px(2)), page.px(4)
        page.draw.line([a, (a[0], b[1] - page.px(12)), (b[0], b[1] - page.px(12)), b], ink)
        page.draw.polygon([(b[0] - tip, b[1] - 2 * tip), (b[0] + tip, b[1] - 2 * tip), b], ink)
    for x, y in spots:
        shade = rng.choice(["white", "white", page.colour(0.9), page.colour(0.92, 0.6, page.hue + 0.4)])
        shape = rng.choice(["box", "box", "round", "table", "choice"])
        if shape == "choice":
            outline = [(x + wide // 2, y), (x + wide, y + high // 2), (x + wide // 2, y + high),
                       (x, y + high // 2)]
            page.draw.polygon(outline, shade)
            page.draw.line(outline + outline[:1], ink)
        else:
            page.fill((x, y, x + wide, y + high), shade, ink, page.px(12) if shape == "round" else 0)
        if shape == "table":
            page.fill((x, y + page.px(22), x + wide, y + page.px(22) + 1), ink)
            for row in range(2, high // page.px(17)):
                page.text(x + page.px(8), y + page.px(17 * row - 8),
                          f"{rng.choice(WORDS)}: {rng.choice(WORDS)}", 11, ink)
        page.text(x + page.px(24), y + (page.px(3) if shape == "table" else high // 2 - page.px(9)),
                  page.words(1, 2), 13, ink)


def technical(page):
    rng, draw, ink = page.rng, page.draw, (0, 0, 0)
    page.draw.rectangle((8, 8, page.width - 9, page.height - 9), outline=ink)
    for _ in range(page.between(5, 9)):
        x, y = page.between(60, page.width - 60), page.between(60, page.height - 60)
        radius = page.between(20, page.height // 5)
        for share in rng.sample([1, 0.8, 0.6, 0.35, 0.2], 3):
            draw.ellipse((x - radius * share, y - radius * share, x + radius * share, y + radius * share),
                         outline=ink)
        for step in range(0, 2 * radius + 20, 12):  # the axes are dashed
            draw.line((x - radius - 10 + step, y, x - radius - 4 + step, y), (200, 0, 0))
            draw.line((x, y - radius - 10 + step, x, y - radius - 4 + step), (200, 0, 0))
        count = page.between(3, 8)
        for hole in range(count):
            angle = math.tau * hole / count
            a, b = x + radius * 0.7 * math.cos(angle), y + radius * 0.7 * math.sin(angle)
            draw.ellipse((a - 5, b - 5, a + 5, b + 5), "white", ink)
    for _ in range(page.between(3, 6)):
        x, y = page.between(20, page.width * 0.8), page.between(20, page.height * 0.8)
        wide, high = page.between(40, 240), page.between(30, 140)
        page.fill((x, y, x + wide, y + high), "white", ink)
        for step in range(6, wide, 6):  # hatched
            draw.line((x + step, y, x + max(0, step - high), y + min(high, step)), ink)
        draw.line((x, y + high + 16, x + wide, y + high + 16), (0, 0, 160))
        for end in (x, x + wide):
            draw.line((end, y + high + 2, end, y + high + 22), (0, 0, 160))
        page.text(x + wide // 3, y + high + 20, page.amount(), 12, (0, 0, 160))
