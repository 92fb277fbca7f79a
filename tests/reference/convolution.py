"""docs/format.md, sections 9.1 and 10.1: convolutions of integers. Planes are lists of rows, one a channel."""


def convolve(weight, bias, x):
    """`acc` of both sections: `weight` is a tensor (out, in, k, k), and `x` is 0 outside its grid."""
    outputs, inputs, k, _ = weight.shape
    assert inputs == len(x) and outputs == len(bias)
    rows, columns = len(x[0]), len(x[0][0])
    planes = [[[start] * columns for _ in range(rows)] for start in bias]
    for place, factor in enumerate(weight.values):
        if factor == 0:
            continue
        place, b = divmod(place, k)
        place, a = divmod(place, k)
        o, i = divmod(place, inputs)
        down, right = a - k // 2, b - k // 2
        for row in range(max(0, -down), min(rows, rows - down)):
            sums, source = planes[o][row], x[i][row + down]
            for column in range(max(0, -right), min(columns, columns - right)):
                sums[column] += factor * source[column + right]
    return planes


def up(planes):
    """Section 9.1: moves channels into space, to twice the rows and columns."""
    C = len(planes) // 4
    rows, columns = len(planes[0]), len(planes[0][0])
    return [[[planes[(2 * (row % 2) + column % 2) * C + c][row // 2][column // 2] for column in range(2 * columns)]
             for row in range(2 * rows)] for c in range(C)]


def each(function, *many):
    """A function of the values at each place of planes."""
    return [[[function(*values) for values in zip(*rows)] for rows in zip(*planes)] for planes in zip(*many)]
