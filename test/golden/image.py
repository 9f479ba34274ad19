"""Writes image.json: what keras.ops.image gives for small images. Made with Keras 3.15.1 on jax 0.10.2 (CPU, float32)."""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np
from keras import ops

rng = np.random.default_rng(3)
small = rng.uniform(0, 1, (2, 5, 4, 3)).astype("float32")
gray = rng.normal(size=(1, 4, 7, 1)).astype("float32")
cases = []


def add(name, call, kwargs, inputs, result):
    arrays = [{"shape": list(x.shape), "data": [float(f"{v:.7g}") for v in np.ravel(x)]} for x in [*inputs, np.asarray(result)]]
    cases.append({"name": name, "call": call, "options": kwargs, "inputs": arrays[:-1], "output": arrays[-1]})


for method in ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]:
    for size in [(7, 3), (3, 6)]:
        for antialias in [False, True]:
            result = ops.image.resize(small, size, interpolation=method, antialias=antialias, data_format="channels_last")
            options = {"size": list(size), "interpolation": method, "antialias": antialias}
            add(f"resize {method} {size} {'antialiased' if antialias else ''}", "resize", options, [small], result)
for proportion in ["crop_to_aspect_ratio", "pad_to_aspect_ratio"]:
    for size in [(4, 4), (3, 9), (8, 2)]:
        arguments = {proportion: True}
        if proportion[0] == "p":
            arguments["fill_value"] = 0.5
        result = ops.image.resize(gray, size, data_format="channels_last", **arguments)
        names = {"crop_to_aspect_ratio": "cropToAspectRatio", "pad_to_aspect_ratio": "padToAspectRatio", "fill_value": "fillValue"}
        add(f"resize {proportion} {size}", "resize", {"size": list(size), **{names[k]: v for k, v in arguments.items()}}, [gray], result)

coordinates = rng.uniform(-3, 8, (3, 2, 6)).astype("float32")
volume = rng.normal(size=(3, 4, 2)).astype("float32")
for mode in ["constant", "nearest", "wrap", "mirror", "reflect"]:
    for order in [0, 1]:
        result = ops.image.map_coordinates(volume, coordinates, order, fill_mode=mode, fill_value=0.25)
        add(f"mapCoordinates {mode} {order}", "mapCoordinates", {"order": order, "fillMode": mode, "fillValue": 0.25}, [volume, coordinates], result)
    for interpolation in ["nearest", "bilinear"]:
        transform = np.array([[1.1, 0.2, -0.7, -0.1, 0.8, 0.6, 0, 0], [0.5, 0, 1, 0, -1, 3.3, 0, 0]], "float32")
        result = ops.image.affine_transform(small, transform, interpolation, mode, 0.25, data_format="channels_last")
        add(f"affineTransform {mode} {interpolation}", "affineTransform", {"interpolation": interpolation, "fillMode": mode, "fillValue": 0.25}, [small, transform], result)
for interpolation in ["nearest", "bilinear"]:
    start = np.array([[[0, 0], [3, 0], [0, 4], [3, 4]], [[0.5, 0.2], [3, 1], [0, 4], [2.5, 3]]], "float32")
    end = np.array([[[0.3, 0.1], [2.6, 0.4], [0.4, 3.7], [2.8, 3.9]], [[0, 0], [3, 0], [0, 4], [3, 4]]], "float32")
    result = ops.image.perspective_transform(small, start, end, interpolation, 0.25, data_format="channels_last")
    add(f"perspectiveTransform {interpolation}", "perspectiveTransform", {"interpolation": interpolation, "fillValue": 0.25}, [small, start, end], result)

colours = np.concatenate([small[:1], np.array([0, 0, 0, 1, 1, 1, 0.5, 0.5, 0.2, 0.2, 0.9, 0.9, 0, 0, 1], "float32").reshape(1, 5, 1, 3).repeat(4, 2)])
for call, function in [("rgbToHsv", ops.image.rgb_to_hsv), ("hsvToRgb", ops.image.hsv_to_rgb), ("rgbToGrayscale", ops.image.rgb_to_grayscale)]:
    add(call, call, {}, [colours], function(colours, data_format="channels_last"))
for padding in ["valid", "same"]:
    for size, strides, dilation in [((2, 3), (1, 2), 1), ((2, 2), (1, 1), 2)]:
        if strides != (1, 1) and dilation != 1:
            continue
        result = ops.image.extract_patches(small, size, strides, dilation, padding, data_format="channels_last")
        add(f"extractPatches {padding} {size}", "extractPatches", {"size": list(size), "strides": list(strides), "dilationRate": dilation, "padding": padding}, [small], result)
json.dump(cases, sys.stdout, separators=(",", ":"))
print()
