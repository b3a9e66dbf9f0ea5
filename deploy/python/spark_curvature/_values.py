"""Arguments as the configuration takes them."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np


def plain(name: str, value: Any) -> Any:
    """A value as JSON has it: NumPy's scalars, arrays and pandas' series are numbers and lists."""
    if isinstance(value, (np.generic, np.ndarray)):
        return plain(name, value.tolist())
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(f"{name}.{key}", part) for key, part in value.items()}
    if hasattr(value, "tolist"):
        return plain(name, value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(f"{name}[{at}]", part) for at, part in enumerate(value)]
    raise TypeError(
        f"{name} is a {type(value).__name__}: a text, number, truth value, list or dict is wanted"
    )
