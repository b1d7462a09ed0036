#!/usr/bin/env python3
"""The matrices of Sources/Kernels/winograd_schemes.h, from their interpolation points (Toom and Cook;
Winograd, 1980), and how far float32 strays with them: the largest error of 160 channels of normal
random numbers, relative to the largest output.

    winograd_schemes.py            print the matrices and errors
    winograd_schemes.py --search   look for better points, for a minute a scheme

The point at infinity and, where their number is even, 0 come beside pairs of opposite points, whose
rows differ only by the signs of odd columns.
"""

import random
import sys
import time
from fractions import Fraction as F

import numpy as np

# Outputs, taps: the pairs' positive points.
SCHEMES = {
    (4, 3): [F(11, 16), F(11, 8)],
    (3, 3): [F(7, 16), F(5, 4)],
    (5, 3): [F(3, 8), F(7, 8), F(13, 8)],
    (4, 5): [F(1, 2), F(1), F(2)],
    (3, 5): [F(1, 4), F(7, 8), F(25, 16)],
}


def product(first, second):
    result = [F(0)] * (len(first) + len(second) - 1)
    for i, x in enumerate(first):
        for j, y in enumerate(second):
            result[i + j] += x * y
    return result


def matrices(outputs, taps, positive):
    """B [points, points], A [points, outputs] and W [points, taps]: y = Aᵀ [(W g) ⊙ (B d)]."""
    count = outputs + taps - 1
    has_zero = count % 2 == 0
    finite = ([F(0)] if has_zero else []) + [s * x for x in positive for s in (1, -1)]
    assert len(finite) == count - 1, (outputs, taps, positive)
    b, a, w = [], [], []
    for x in finite:
        polynomial, divisor = [F(1)], F(1)
        for other in finite:
            if other != x:
                polynomial = product(polynomial, [-other, F(1)])
                divisor *= x - other
        # A pair's rows agree in even columns and are opposite in odd ones.
        sign = -1 if x < 0 and not has_zero else 1
        b.append([sign * v for v in polynomial] + [F(0)])
        a.append([x**k for k in range(outputs)])
        w.append([sign * x**k / divisor for k in range(taps)])
    polynomial = [F(1)]
    for x in finite:
        polynomial = product(polynomial, [-x, F(1)])
    # Infinity last, or first where there is no 0: pairs begin at the second row.
    at = count - 1 if has_zero else 0
    b.insert(at, polynomial)
    a.insert(at, [F(0)] * (outputs - 1) + [F(1)])
    w.insert(at, [F(0)] * (taps - 1) + [F(1)])
    return [np.array([[float(v) for v in row] for row in m]) for m in (b, a, w)]


def error(outputs, taps, positive, rounds, generator):
    b, a, w = matrices(outputs, taps, positive)
    side, worst = outputs + taps - 1, 0
    for _ in range(rounds):
        x = generator.standard_normal((24, 160, side, side)).astype(np.float32)
        g = generator.standard_normal((24, 160, taps, taps)).astype(np.float32)
        expected = sum(
            np.einsum("nchw,kc->nkhw", x[:, :, i : i + outputs, j : j + outputs].astype(float),
                      g[:, :, i, j].astype(float), optimize=True)
            for i in range(taps) for j in range(taps))
        points = np.float32(np.einsum("pi,kcij,qj->pqck", w, g.astype(float), w, optimize=True))
        b32, a32 = np.float32(b), np.float32(a)
        tiles = np.ascontiguousarray((b32 @ x @ b32.T).transpose(2, 3, 0, 1))
        y = a32.T @ (tiles @ points).transpose(2, 3, 0, 1) @ a32
        worst = max(worst, np.abs(y - expected).max() / np.abs(expected).max())
    return worst


def search(outputs, taps, generator):
    best, start = [], time.monotonic()
    pairs = (outputs + taps - 2) // 2
    while time.monotonic() - start < 60:
        if best and random.random() < 0.6:
            points = [max(F(1, 8), x + F(random.randint(-2, 2), 16)) for x in random.choice(best)[1]]
        else:
            points = sorted(F(random.randint(4, 44), 16) for _ in range(pairs))
        if len(set(points)) < pairs:
            continue
        strays = error(outputs, taps, points, 1, generator)
        if len(best) < 6 or strays < 1.3 * best[-1][0]:
            strays = max(strays, error(outputs, taps, points, 4, generator))
            best = sorted([*best, (strays, points)], key=lambda entry: entry[0])[:6]
    return best[0]


def table(name, matrix):
    rows = ["{" + ", ".join(f"{v:.9g}" + ("f" if v != int(v) else "") for v in row) + "}"
            for row in matrix]
    return f"    .{name} = {{" + (",\n" + " " * (len(name) + 9)).join(rows) + "}"


def main():
    generator = np.random.default_rng(0)
    random.seed(0)
    for (outputs, taps), points in SCHEMES.items():
        if "--search" in sys.argv[1:]:
            strays, points = search(outputs, taps, generator)
        strays = error(outputs, taps, points, 6, generator)
        print(f"// F({outputs}, {taps}): ±{', ±'.join(map(str, points))}: {strays:.1e}")
        names = ("input", "output", "weight")
        print(",\n".join(table(n, m) for n, m in zip(names, matrices(outputs, taps, points))))


if __name__ == "__main__":
    main()
