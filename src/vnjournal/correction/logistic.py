"""Logistic models: how probable something is, from weighted features.

Their weights stand in ``data/correction/weights.tsv``, a line a feature, as
``data/correction/build.py`` found them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from vnjournal import resources

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Columns of equal length by the name of the feature.
Features = dict[str, "NDArray[Any]"]
#: The name of the weight that counts whatever the features are.
CONSTANT = "constant"


@cache
def weights(model: str) -> dict[str, float]:
    """The weights of one model by the names of its features."""
    rows = resources.rows("correction", "weights.tsv")
    return {name: float(weight) for of_model, name, weight in rows if of_model == model}


def probabilities(model: str, features: Features) -> NDArray[np.float64]:
    """What a model says of each row of features."""
    of_model = weights(model)
    total = of_model[CONSTANT] + sum(
        of_model[name] * column.astype(np.float64) for name, column in features.items()
    )
    found: NDArray[np.float64] = 1 / (1 + np.exp(-total))
    return found
