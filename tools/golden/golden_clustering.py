"""Golden scores of clusterings and optimal assignments: clustering.json, by scikit-learn and SciPy.
`python golden_clustering.py FOLDER`; what it holds is listed in FOLDER/README.md."""

import json
import pathlib
import sys

import numpy
import scipy.optimize
import sklearn.metrics


def labels(generator, count, classes, predictions, agreement):
    truth = generator.integers(0, classes, count)
    names = generator.permutation(max(classes, predictions))[truth] % predictions
    noise = generator.integers(0, predictions, count)
    return truth, numpy.where(generator.random(count) < agreement, names, noise)


def scores(truth, prediction, classes, predictions):
    confusion = numpy.zeros((classes, predictions), int)
    numpy.add.at(confusion, (truth, prediction), 1)
    union = [((truth == c) | (prediction == c)).sum() for c in range(classes)]
    return {
        "truth": truth.tolist(),
        "prediction": prediction.tolist(),
        "classes": classes,
        "predictions": predictions,
        "accuracy": sklearn.metrics.accuracy_score(truth, prediction),
        "intersectionOverUnion": [
            float(((truth == c) & (prediction == c)).sum() / union[c]) if union[c] else None
            for c in range(classes)
        ],
        "normalisedMutualInformation": sklearn.metrics.normalized_mutual_info_score(
            truth, prediction
        ),
        "adjustedRandIndex": sklearn.metrics.adjusted_rand_score(truth, prediction),
        "matched": int(confusion[scipy.optimize.linear_sum_assignment(-confusion)].sum()),
        "matchedManyToOne": int(confusion.max(0).sum()),
    }


def assignment(generator, rows, columns):
    costs = generator.integers(-40, 40, (rows, columns))
    return {
        "rows": rows,
        "columns": columns,
        "costs": costs.ravel().tolist(),
        "least": int(costs[scipy.optimize.linear_sum_assignment(costs)].sum()),
    }


def main():
    generator = numpy.random.default_rng(5)
    cases = [
        (60, 3, 3, 0.8),
        (80, 6, 6, 0.3),
        (80, 5, 5, 0.0),
        (90, 4, 9, 0.7),
        (70, 7, 4, 0.7),
        (50, 5, 5, 1.0),
        (20, 1, 3, 0.0),
        (20, 3, 1, 0.0),
        (20, 1, 1, 0.0),
        (2, 6, 6, 0.0),
    ]
    contents = {
        "scores": [
            scores(*labels(generator, count, classes, predictions, agreement), classes, predictions)
            for count, classes, predictions, agreement in cases
        ],
        "assignments": [
            assignment(generator, rows, columns)
            for rows, columns in [(1, 1), (8, 8), (20, 20), (5, 12), (13, 6), (1, 7), (7, 1)]
        ],
    }
    path = pathlib.Path(sys.argv[1]) / "clustering.json"
    path.write_text(json.dumps(contents, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
