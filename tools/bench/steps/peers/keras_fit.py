"""The benchmark models in Keras, trained by `fit`: `python keras_fit.py FOLDER MODEL jax|tensorflow`."""

import os
import sys
import time

folder, name, backend = sys.argv[1:4]
os.environ["KERAS_BACKEND"] = backend
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
threads = int(os.environ["OMP_NUM_THREADS"])
if backend == "tensorflow":
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(threads)

import keras
from keras import layers, ops

from contest import Arrays, serve, timed

arrays = Arrays(folder)


def gpt(tokens):
    class Positions(layers.Layer):
        def build(self, shape):
            self.table = self.add_weight(shape=(128, 192), name="table")

        def call(self, x):
            return x + self.table

    x = Positions(name="positions")(layers.Embedding(96, 192, name="tokens")(tokens))
    for i in range(4):
        y = layers.LayerNormalization(name=f"norm{i}a")(x)
        y = layers.MultiHeadAttention(6, 32, name=f"attention{i}")(y, y, use_causal_mask=True)
        x = layers.add([x, y])
        y = layers.LayerNormalization(name=f"norm{i}b")(x)
        y = layers.Dense(768, activation="gelu", name=f"wide{i}")(y)
        x = layers.add([x, layers.Dense(192, name=f"narrow{i}")(y)])
    return layers.Dense(96, name="head")(layers.LayerNormalization(name="norm")(x))


def resnet(x):
    def conv(y, filters, size, stride, which):
        y = layers.Conv2D(filters, size, stride, "same", use_bias=False, name=f"conv{which}")(y)
        return layers.BatchNormalization(name=f"norm{which}")(y)

    x = layers.ReLU()(conv(x, 16, 3, 1, ""))
    for stage, filters in enumerate([16, 32, 64]):
        for block in range(3):
            stride = 2 if stage > 0 and block == 0 else 1
            y = layers.ReLU()(conv(x, filters, 3, stride, f"{stage}{block}a"))
            y = conv(y, filters, 3, 1, f"{stage}{block}b")
            short = conv(x, filters, 1, 2, f"{stage}{block}c") if stride == 2 else x
            x = layers.ReLU()(layers.add([y, short]))
    return layers.Dense(10, name="head")(layers.GlobalAveragePooling2D()(x))


def cnn(x, dropout):
    for filters, layer in ((32, "first"), (64, "second")):
        x = layers.MaxPooling2D()(layers.Conv2D(filters, 3, activation="relu", name=layer)(x))
    return layers.Dense(10, name="head")(layers.Dropout(dropout)(layers.Flatten()(x)))


def mlp(x):
    for layer in ("first", "second"):
        x = layers.Dense(512, activation="relu", name=layer)(x)
    return layers.Dense(10, name="head")(x)


class DenseAdam(keras.optimizers.Adam):
    """Adam for the check alone, when Keras runs on TensorFlow; times are taken with Keras's own.

    TensorFlow's gradient of an embedding lists a row once for each token. Keras's Adam squares these entries before it adds
    them up, for the second moment, where every other contestant squares their sum: the loss of the decoder is 17 % larger
    after 50 steps.
    """

    def apply(self, grads, trainable_variables=None):
        super().apply([tensorflow.convert_to_tensor(one) for one in grads], trainable_variables)


def build(checking):
    x = keras.Input(arrays.x.shape[1:], dtype=str(arrays.x.dtype))
    outputs = {
        "tiny": lambda: layers.Dense(2, name="head")(layers.Dense(3, activation="sigmoid", name="hidden")(x)),
        "mlp": lambda: mlp(x),
        "cnn": lambda: cnn(x, 0.0 if checking else 0.5),
        "lstm": lambda: layers.Dense(10, name="head")(layers.LSTM(128, name="recurrent")(x)),
        "gpt": lambda: gpt(x),
        "resnet": lambda: resnet(x),
    }
    model = keras.Model(x, outputs[name]())
    for layer, weights in arrays.weights.items():
        model.get_layer(layer).set_weights(weights)
    adam = DenseAdam() if checking and backend == "tensorflow" else keras.optimizers.Adam()
    model.compile(adam, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def check(count):
    model = build(checking=True)
    return timed(lambda: float(model.train_on_batch(arrays.x, arrays.y)), count)


model = build(checking=False)


def fit(count):
    """Milliseconds per batch of `count` passes over all batches."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        model.fit(arrays.all_x, arrays.all_y, batch_size=arrays.batch, shuffle=False, verbose=0)
        times.append((time.perf_counter() - start) * 1000 / (len(arrays.all_x) / arrays.batch))
    return {"ms": times}


serve({"keras": keras.__version__, backend: sys.modules[backend].__version__}, {"fit": fit, "check": check})
