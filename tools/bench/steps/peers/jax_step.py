"""The benchmark models in bare JAX, one jitted step with an Adam of its own: `python jax_step.py FOLDER MODEL`."""

import sys

import jax
import jax.numpy as jnp
from jax import lax, nn

from contest import Arrays, serve, timed

folder, name = sys.argv[1:3]
arrays = Arrays(folder)


def dense(x, w):
    return x @ w[0] + w[1]


def conv(x, kernel, stride=1, padding="SAME"):
    return lax.conv_general_dilated(x, kernel, (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def max_pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def normalize(x, axes, w):
    mean = x.mean(axes, keepdims=True)
    variance = jnp.square(x - mean).mean(axes, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-3) * w[0] + w[1]


def tiny(w, x, _):
    return dense(nn.sigmoid(dense(x, w["hidden"])), w["head"])


def mlp(w, x, _):
    return dense(nn.relu(dense(nn.relu(dense(x, w["first"])), w["second"])), w["head"])


def cnn(w, x, key):
    for layer in ("first", "second"):
        x = max_pool(nn.relu(conv(x, w[layer][0], padding="VALID") + w[layer][1]))
    x = x.reshape(x.shape[0], -1)
    if key is not None:
        x = jnp.where(jax.random.bernoulli(key, 0.5, x.shape), x * 2, 0)
    return dense(x, w["head"])


def lstm(w, x, _):
    kernel, recurrent, bias = w["recurrent"]
    from_x = (x @ kernel + bias).swapaxes(0, 1)

    def cell(carry, part):
        h, c = carry
        i, f, g, o = jnp.split(part + h @ recurrent, 4, -1)
        c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
        h = nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), None

    zeros = jnp.zeros((x.shape[0], recurrent.shape[0]))
    return dense(lax.scan(cell, (zeros, zeros), from_x)[0][0], w["head"])


def gpt(w, x, _):
    x = w["tokens"][0][x] + w["positions"][0]
    batch, length, width = x.shape
    causal = jnp.tril(jnp.ones((length, length), bool))
    for i in range(4):
        q, qb, k, kb, v, vb, out, out_b = w[f"attention{i}"]
        y = normalize(x, -1, w[f"norm{i}a"])
        together = y @ jnp.concatenate([one.reshape(width, width) for one in (q, k, v)], 1)
        together += jnp.concatenate([one.reshape(width) for one in (qb, kb, vb)])
        qs, ks, vs = together.reshape(batch, length, 3, 6, -1).transpose(2, 0, 3, 1, 4)
        scores = qs @ ks.swapaxes(-1, -2) / jnp.sqrt(32.0)
        mixed = nn.softmax(jnp.where(causal, scores, -1e30)) @ vs
        x = x + mixed.swapaxes(1, 2).reshape(batch, length, width) @ out.reshape(width, width) + out_b
        y = nn.gelu(dense(normalize(x, -1, w[f"norm{i}b"]), w[f"wide{i}"]), approximate=False)
        x = x + dense(y, w[f"narrow{i}"])
    return dense(normalize(x, -1, w["norm"]), w["head"])


def resnet(w, x, _):
    def norm(y, which):
        return normalize(y, (0, 1, 2), w[which])

    x = nn.relu(norm(conv(x, w["conv"][0]), "norm"))
    for stage in range(3):
        for block in range(3):
            at = f"{stage}{block}"
            short = w.get(f"conv{at}c")
            y = nn.relu(norm(conv(x, w[f"conv{at}a"][0], 2 if short else 1), f"norm{at}a"))
            y = norm(conv(y, w[f"conv{at}b"][0]), f"norm{at}b")
            x = nn.relu(y + (norm(conv(x, short[0], 2), f"norm{at}c") if short else x))
    return dense(x.mean((1, 2)), w["head"])


forward = {"tiny": tiny, "mlp": mlp, "cnn": cnn, "lstm": lstm, "gpt": gpt, "resnet": resnet}[name]


def stepper(checking):
    x, y = jnp.asarray(arrays.x), jnp.asarray(arrays.y)

    def loss_of(w, key):
        logits = nn.log_softmax(forward(w, x, None if checking else key))
        return -jnp.take_along_axis(logits, y[..., None], -1).mean()

    def update(state):
        w, m, v, t, key = state
        key, own = jax.random.split(key)
        loss, g = jax.value_and_grad(loss_of)(w, own)
        t += 1
        m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
        v = jax.tree.map(lambda a, b: 0.999 * a + 0.001 * b * b, v, g)
        rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        w = jax.tree.map(lambda p, a, b: p - rate * a / (jnp.sqrt(b) + 1e-7), w, m, v)
        return (w, m, v, t, key), loss

    step = jax.jit(update, donate_argnums=0)
    w = jax.tree.map(jnp.asarray, arrays.weights)
    zeros = [jax.tree.map(jnp.zeros_like, w) for _ in range(2)]
    state = (w, *zeros, jnp.float32(0), jax.random.key(0))

    def run():
        nonlocal state
        state, loss = step(state)
        return float(loss)

    return run


step = stepper(checking=False)
serve({"jax": jax.__version__}, {"step": lambda n: timed(step, n), "check": lambda n: timed(stepper(True), n)})
