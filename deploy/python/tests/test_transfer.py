"""How long results take from the JVM to NumPy: pytest -m slow -s tests/test_transfer.py."""

import time

import numpy as np
import pytest

from spark_curvature import curvature


@pytest.mark.slow
def test_a_large_hessian_arrives_within_seconds(spark):
    length, samples = 4096, 8
    table = spark.range(0, samples, 1, 1).selectExpr(
        f"transform(sequence(1, {length}), k -> sin(k * (id + 1))) AS x", "double(id) AS y"
    )
    found = curvature(
        table,
        tensors={"x": {"column": "x", "shape": [length]}, "y": "y"},
        parameters={"beta": {"shape": [length], "fill": 0}},
        loss="square(y - dot(x, beta)) / 2",
        derive={"reduction": "sum"},
    ).derive()
    started = time.perf_counter()
    hessian = found.hessian
    seconds = time.perf_counter() - started
    print(f"\nHessian of P = {length:,} ({hessian.nbytes / 1e6:.0f} MB) in {seconds:.1f} s")
    assert hessian.shape == (length, length) and hessian.dtype == np.float64
    assert hessian.flags.c_contiguous and hessian.flags.writeable
    x = np.sin(np.outer(np.arange(1, samples + 1), np.arange(1, length + 1)))
    np.testing.assert_allclose(hessian, x.T @ x, rtol=1e-10, atol=1e-12)
    assert seconds < 15
    started = time.perf_counter()
    assert found.hessian is hessian and time.perf_counter() - started < 0.1
