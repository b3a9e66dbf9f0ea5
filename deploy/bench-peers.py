"""The cases of deploy/bench core in JAX, PyTorch and TensorFlow: float64, the same inputs, two threads.

usage: bench-peers.py PEER DIRECTORY [CASE ...]

Reads inputs and our results from DIRECTORY/CASE/*.npy; prints a JSON object for each case: peer, peer_ms (the median
of seven runs, compilation not among them) and agreement (the largest difference between its results and ours, relative
to the largest element of each result).
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np

THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))
RUNS = 7

NETWORK = ["W0", "b0", "W1", "b1", "W2", "b2"]
PARAMETERS = {
    "logistic-hessian": ["beta"],
    "logistic-hessians": ["beta"],
    "softmax-hessian": ["W", "b"],
    "network-hessian": NETWORK,
    "network-gradients": NETWORK,
    "network-input-hessians": NETWORK,
    "network-products": NETWORK,
    "groups-hessian": ["a", "beta"],
}


class Flat:
    """Parameters as one vector, and that vector as parameters again."""

    def __init__(self, data, names):
        self.shapes = [(name, data[name].shape) for name in names]
        self.vector = np.concatenate([data[name].reshape(-1) for name in names])

    def split(self, vector, reshape):
        parts, at = {}, 0
        for name, shape in self.shapes:
            size = int(np.prod(shape))
            parts[name] = reshape(vector[at : at + size], shape)
            at += size
        return parts


# Each peer gives a function of no arguments for a case: it computes the results by name and has them ready.


def jax_cases(data):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    d = {k: jnp.asarray(v) for k, v in data.items()}

    def logistic(beta, x, y):
        z = x @ beta
        return jax.nn.softplus(z) - y * z

    def cross_entropy(z, t):
        return jax.nn.logsumexp(z, axis=-1) - jnp.take_along_axis(z, t[..., None].astype(int), -1)[..., 0]

    def tanh_layers(p, x):
        h = jnp.tanh(x @ p["W0"].T + p["b0"])
        return jnp.tanh(h @ p["W1"].T + p["b1"])

    def network(p, x, y):
        return (tanh_layers(p, x) @ p["W2"] + p["b2"] - y) ** 2

    def softmax(p, x, t):
        return cross_entropy(x @ p["W"].T + p["b"], t)

    def classifier(p, x, t):
        return cross_entropy(tanh_layers(p, x) @ p["W2"].T + p["b2"], t)

    def ready(function, *arguments):
        compiled = jax.jit(function)
        return lambda: jax.block_until_ready(compiled(*arguments))

    def summed(flat, loss, x, y):
        def total(v, x, y):
            return loss(flat.split(v, jnp.reshape), x, y).sum()

        def all_of(v, x, y):
            value, gradient = jax.value_and_grad(total)(v, x, y)
            return {"value": value, "gradient": gradient, "hessian": jax.hessian(total)(v, x, y)}

        return ready(all_of, jnp.asarray(flat.vector), x, y)

    def groups(p, x, y):
        z = p["a"][d["i"].astype(int)] + x @ p["beta"]
        return jax.nn.softplus(z) - y * z

    def products(flat):
        def total(v, x, t):
            return classifier(flat.split(v, jnp.reshape), x, t).sum()

        def product(v, x, t, directions):
            gradient = jax.grad(lambda u: total(u, x, t))
            return {"products": jax.vmap(lambda s: jax.jvp(gradient, (v,), (s,))[1])(directions)}

        return ready(product, jnp.asarray(flat.vector), d["x"], d["t"], d["vectors"])

    def gradients(flat):
        def one(v, x, y):
            return network(flat.split(v, jnp.reshape), x, y)

        each = jax.vmap(jax.grad(one), (None, 0, 0))
        return ready(lambda v, x, y: {"gradient": each(v, x, y)}, jnp.asarray(flat.vector), d["x"], d["y"])

    def input_hessians(flat):
        each = jax.vmap(jax.hessian(network, argnums=1), (None, 0, 0))
        p = {name: d[name] for name in NETWORK}
        return ready(lambda p, x, y: {"hessian": each(p, x, y)}, p, d["x"], d["y"])

    def logistic_hessians(flat):
        each = jax.vmap(jax.hessian(logistic), (None, 0, 0))
        return ready(lambda b, x, y: {"hessian": each(b, x, y)}, d["beta"], d["x"], d["y"])

    return {
        "logistic-hessian": lambda f: summed(f, lambda p, x, y: logistic(p["beta"], x, y), d["x"], d["y"]),
        "softmax-hessian": lambda f: summed(f, softmax, d["x"], d["t"]),
        "network-hessian": lambda f: summed(f, network, d["x"], d["y"]),
        "network-input-hessians": input_hessians,
        "network-gradients": gradients,
        "logistic-hessians": logistic_hessians,
        "network-products": products,
        "groups-hessian": lambda f: summed(f, groups, d["x"], d["y"]),
    }


def torch_cases(data):
    import torch
    import torch.nn.functional as F
    from torch.func import grad, grad_and_value, hessian, jvp, vmap

    torch.set_num_threads(THREADS)
    torch.set_default_dtype(torch.float64)
    d = {k: torch.from_numpy(v) for k, v in data.items()}

    def logistic(beta, x, y):
        z = x @ beta
        return F.softplus(z, threshold=1000) - y * z

    def tanh_layers(p, x):
        h = torch.tanh(x @ p["W0"].T + p["b0"])
        return torch.tanh(h @ p["W1"].T + p["b1"])

    def network(p, x, y):
        return (tanh_layers(p, x) @ p["W2"] + p["b2"] - y) ** 2

    def softmax(p, x, t):
        return F.cross_entropy(x @ p["W"].T + p["b"], t, reduction="sum")

    def classifier(p, x, t):
        return F.cross_entropy(tanh_layers(p, x) @ p["W2"].T + p["b2"], t, reduction="sum")

    def groups(p, x, y):
        z = p["a"][d["i"].long()] + x @ p["beta"]
        return F.softplus(z, threshold=1000) - y * z

    def total(flat, loss):
        return lambda v, x, y: loss(flat.split(v, torch.reshape), x, y).sum()

    def summed(flat, loss, x, y):
        function = total(flat, loss)
        v = torch.from_numpy(flat.vector)

        def run():
            gradient, value = grad_and_value(function)(v, x, y)
            return {"value": value, "gradient": gradient, "hessian": hessian(function)(v, x, y)}

        return run

    def products(flat):
        function = total(flat, classifier)
        v, t = torch.from_numpy(flat.vector), d["t"].long()
        gradient = grad(lambda u: function(u, d["x"], t))
        each = vmap(lambda s: jvp(gradient, (v,), (s,))[1])
        return lambda: {"products": each(d["vectors"])}

    def gradients(flat):
        each = vmap(grad(total(flat, network)), (None, 0, 0))
        v = torch.from_numpy(flat.vector)
        return lambda: {"gradient": each(v, d["x"], d["y"])}

    def input_hessians(flat):
        each = vmap(hessian(network, argnums=1), (None, 0, 0))
        p = {name: d[name] for name in NETWORK}
        return lambda: {"hessian": each(p, d["x"], d["y"])}

    def logistic_hessians(flat):
        each = vmap(hessian(logistic), (None, 0, 0))
        return lambda: {"hessian": each(d["beta"], d["x"], d["y"])}

    return {
        "logistic-hessian": lambda f: summed(f, lambda p, x, y: logistic(p["beta"], x, y), d["x"], d["y"]),
        "softmax-hessian": lambda f: summed(f, softmax, d["x"], d["t"].long()),
        "network-hessian": lambda f: summed(f, network, d["x"], d["y"]),
        "network-input-hessians": input_hessians,
        "network-gradients": gradients,
        "logistic-hessians": logistic_hessians,
        "network-products": products,
        "groups-hessian": lambda f: summed(f, groups, d["x"], d["y"]),
    }


def tensorflow_cases(data):
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    d = {k: tf.constant(v) for k, v in data.items()}

    def logistic(beta, x, y):
        z = tf.linalg.matvec(x, beta)
        return tf.math.softplus(z) - y * z

    def cross_entropy(z, t):
        return tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(t, tf.int64), z)

    def tanh_layers(p, x):
        h = tf.tanh(tf.matmul(x, p["W0"], transpose_b=True) + p["b0"])
        return tf.tanh(tf.matmul(h, p["W1"], transpose_b=True) + p["b1"])

    def network(p, x, y):
        return (tf.linalg.matvec(tanh_layers(p, x), p["W2"]) + p["b2"] - y) ** 2

    def softmax(p, x, t):
        return cross_entropy(tf.matmul(x, p["W"], transpose_b=True) + p["b"], t)

    def classifier(p, x, t):
        return cross_entropy(tf.matmul(tanh_layers(p, x), p["W2"], transpose_b=True) + p["b2"], t)

    def groups(p, x, y):
        z = tf.gather(p["a"], tf.cast(d["i"], tf.int64)) + tf.linalg.matvec(x, p["beta"])
        return tf.math.softplus(z) - y * z

    def ready(function, *arguments):
        compiled = tf.function(function)

        def run():
            results = compiled(*arguments)
            return {name: value.numpy() for name, value in results.items()}

        return run

    def total(flat, loss):
        return lambda v, x, y: tf.reduce_sum(loss(flat.split(v, tf.reshape), x, y))

    def summed(flat, loss, x, y):
        function = total(flat, loss)

        def all_of(v, x, y):
            with tf.GradientTape() as outer:
                outer.watch(v)
                with tf.GradientTape() as inner:
                    inner.watch(v)
                    value = function(v, x, y)
                gradient = inner.gradient(value, v)
            return {"value": value, "gradient": gradient, "hessian": outer.jacobian(gradient, v)}

        return ready(all_of, tf.constant(flat.vector), x, y)

    def products(flat):
        function = total(flat, classifier)

        def all_of(v, x, t, directions):
            with tf.GradientTape(persistent=True) as outer:
                outer.watch(v)
                with tf.GradientTape() as inner:
                    inner.watch(v)
                    value = function(v, x, t)
                gradient = inner.gradient(value, v)
                along = [tf.tensordot(gradient, s, 1) for s in tf.unstack(directions)]
            return {"products": tf.stack([outer.gradient(a, v) for a in along])}

        return ready(all_of, tf.constant(flat.vector), d["x"], d["t"], d["vectors"])

    def gradients(flat):
        def one(v, x, y):
            with tf.GradientTape() as tape:
                tape.watch(v)
                value = network(flat.split(v, tf.reshape), x[None], y[None])[0]
            return tape.gradient(value, v)

        def all_of(v, x, y):
            return {"gradient": tf.vectorized_map(lambda s: one(v, s[0], s[1]), (x, y))}

        return ready(all_of, tf.constant(flat.vector), d["x"], d["y"])

    def by_samples(function, sampled):
        with tf.GradientTape() as outer:
            outer.watch(sampled)
            with tf.GradientTape() as inner:
                inner.watch(sampled)
                value = tf.reduce_sum(function(sampled))
            gradient = inner.gradient(value, sampled)
        return {"hessian": outer.batch_jacobian(gradient, sampled)}

    def input_hessians(flat):
        p = {name: d[name] for name in NETWORK}
        return ready(lambda x, y: by_samples(lambda s: network(p, s, y), x), d["x"], d["y"])

    def logistic_hessians(flat):
        # A copy of the parameters for each sample makes the Hessian of each a batch Jacobian.
        def all_of(beta, x, y):
            def loss(copies):
                z = tf.reduce_sum(x * copies, 1)
                return tf.math.softplus(z) - y * z

            return by_samples(loss, tf.tile(beta[None], [tf.shape(x)[0], 1]))

        return ready(all_of, d["beta"], d["x"], d["y"])

    return {
        "logistic-hessian": lambda f: summed(f, lambda p, x, y: logistic(p["beta"], x, y), d["x"], d["y"]),
        "softmax-hessian": lambda f: summed(f, softmax, d["x"], d["t"]),
        "network-hessian": lambda f: summed(f, network, d["x"], d["y"]),
        "network-input-hessians": input_hessians,
        "network-gradients": gradients,
        "logistic-hessians": logistic_hessians,
        "network-products": products,
        "groups-hessian": lambda f: summed(f, groups, d["x"], d["y"]),
    }


PEERS = {"jax": jax_cases, "torch": torch_cases, "tensorflow": tensorflow_cases}


def difference(results, directory):
    """The largest difference from our results, relative to the largest element."""
    worst = 0.0
    for name, theirs in results.items():
        theirs = np.asarray(theirs)
        ours = np.load(directory / f"result_{name}.npy")
        if ours.size != theirs.size:  # ours is the upper triangle, row by row
            rows, columns = np.triu_indices(theirs.shape[-1])
            theirs = theirs[..., rows, columns]
        gap = np.abs(theirs.reshape(-1) - ours).max()
        worst = max(worst, float(gap / np.abs(ours).max()))
    return worst


def main(peer, directory, cases):
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    for case in cases or PARAMETERS:
        folder = directory / case
        data = {f.stem: np.load(f) for f in folder.glob("*.npy") if not f.stem.startswith("result_")}
        flat = Flat(data, PARAMETERS[case])
        line = {"case": case, "peer": peer}
        try:
            run = PEERS[peer](data)[case](flat)
            line["agreement"] = difference(run(), folder)
            run()
            times = []
            for _ in range(RUNS):
                start = time.perf_counter()
                results = run()
                times.append((time.perf_counter() - start) * 1e3)
                del results
            line["peer_ms"] = statistics.median(times)
        except Exception as failure:  # one case that a peer cannot do does not end the others
            line["error"] = f"{type(failure).__name__}: {failure}".splitlines()[0]
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
