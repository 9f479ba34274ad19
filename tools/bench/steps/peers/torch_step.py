"""The benchmark models in PyTorch: `python torch_step.py FOLDER MODEL eager|compile|channelsLast`."""

import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

from contest import Arrays, serve, timed

folder, name, variant = sys.argv[1:4]
arrays = Arrays(folder)
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def parameter(array):
    return nn.Parameter(torch.tensor(array))


def linear(kernel, bias):
    layer = nn.Linear(kernel.shape[0], kernel.shape[1])
    layer.weight, layer.bias = parameter(kernel.T.copy()), parameter(bias)
    return layer


def convolution(kernel, bias=None, **options):
    size, _, channels, filters = kernel.shape
    layer = nn.Conv2d(channels, filters, size, bias=bias is not None, **options)
    layer.weight = parameter(kernel.transpose(3, 2, 0, 1).copy())
    if bias is not None:
        layer.bias = parameter(bias)
    return layer


def batch_norm(arrays_):
    return nn.BatchNorm2d(len(arrays_[0]), eps=1e-3, momentum=0.01)


class Cnn(nn.Module):
    def __init__(self, w, dropout):
        super().__init__()
        self.first, self.second, self.head = convolution(*w["first"]), convolution(*w["second"]), linear(*w["head"])
        # Keras flattens height, width, channels; PyTorch channels first.
        order = w["head"][0].reshape(5, 5, 64, 10).transpose(2, 0, 1, 3).reshape(1600, 10)
        self.head.weight = parameter(order.T.copy())
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        x = F.max_pool2d(F.relu(self.second(x)), 2)
        return self.head(self.dropout(torch.flatten(x, 1)))


class Lstm(nn.Module):
    def __init__(self, w):
        super().__init__()
        kernel, recurrent, bias = w["recurrent"]
        self.recurrent = nn.LSTM(kernel.shape[0], recurrent.shape[0], batch_first=True)
        self.recurrent.weight_ih_l0 = parameter(kernel.T.copy())
        self.recurrent.weight_hh_l0 = parameter(recurrent.T.copy())
        self.recurrent.bias_ih_l0 = parameter(bias)
        # PyTorch has two biases whose sum counts: one is enough.
        self.recurrent.bias_hh_l0 = nn.Parameter(torch.zeros(len(bias)), requires_grad=False)
        self.head = linear(*w["head"])

    def forward(self, x):
        return self.head(self.recurrent(x)[0][:, -1])


class Block(nn.Module):
    def __init__(self, w, i, width=192, heads=6):
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width, eps=1e-3), nn.LayerNorm(width, eps=1e-3)
        q, qb, k, kb, v, vb, out, out_b = w[f"attention{i}"]
        together = torch.cat([torch.from_numpy(one).reshape(width, width) for one in (q, k, v)], 1)
        biases = torch.cat([torch.from_numpy(one).reshape(width) for one in (qb, kb, vb)])
        self.qkv, self.out = nn.Linear(width, 3 * width), linear(out.reshape(width, width), out_b)
        self.qkv.weight, self.qkv.bias = nn.Parameter(together.T.contiguous()), nn.Parameter(biases)
        self.wide, self.narrow = linear(*w[f"wide{i}"]), linear(*w[f"narrow{i}"])

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.before(x)).reshape(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.narrow(F.gelu(self.wide(self.between(x))))


class Gpt(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.tokens, self.positions = parameter(w["tokens"][0]), parameter(w["positions"][0])
        self.blocks = nn.ModuleList(Block(w, i) for i in range(4))
        self.norm, self.head = nn.LayerNorm(192, eps=1e-3), linear(*w["head"])

    def forward(self, x):
        x = F.embedding(x, self.tokens) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)).flatten(0, 1)


class Residual(nn.Module):
    """`exact` pads as Keras does, on the right, at the cost of a copy; for times PyTorch pads in its own way."""

    def __init__(self, w, name, exact):
        super().__init__()
        first, second, short = (w.get(f"conv{name}{part}") for part in "abc")
        self.pads = exact and short is not None
        self.first = convolution(*first, stride=2 if short else 1, padding=0 if self.pads else 1)
        self.second = convolution(*second, padding=1)
        self.norm1, self.norm2 = batch_norm(w[f"norm{name}a"]), batch_norm(w[f"norm{name}b"])
        self.short = nn.Identity()
        if short is not None:
            self.short = nn.Sequential(convolution(*short, stride=2), batch_norm(w[f"norm{name}c"]))

    def forward(self, x):
        y = self.first(F.pad(x, (0, 1, 0, 1)) if self.pads else x)
        y = self.norm2(self.second(F.relu(self.norm1(y))))
        return F.relu(y + self.short(x))


class ResNet(nn.Module):
    def __init__(self, w, exact):
        super().__init__()
        self.first, self.norm = convolution(*w["conv"], padding=1), batch_norm(w["norm"])
        self.blocks = nn.Sequential(*(Residual(w, f"{stage}{block}", exact) for stage in range(3) for block in range(3)))
        self.head = linear(*w["head"])

    def forward(self, x):
        return self.head(self.blocks(F.relu(self.norm(self.first(x)))).mean((2, 3)))


def build(checking):
    w = arrays.weights
    if name == "tiny":
        return nn.Sequential(linear(*w["hidden"]), nn.Sigmoid(), linear(*w["head"]))
    if name == "mlp":
        return nn.Sequential(linear(*w["first"]), nn.ReLU(), linear(*w["second"]), nn.ReLU(), linear(*w["head"]))
    if name == "cnn":
        return Cnn(w, 0.0 if checking else 0.5)
    return {"lstm": Lstm, "gpt": Gpt, "resnet": lambda w: ResNet(w, checking)}[name](w)


class KerasAdam:
    """Adam as the other contestants compute it, for the check alone; times are taken with PyTorch's own.

    PyTorch adds epsilon to the root of the corrected second moment, Keras to that of the moment itself, which is
    sqrt(1 - beta2^t) times as large; and PyTorch computes 1 - beta2^t in float64, where float32 is 3e-5 off at first. Either
    moves the loss of the LSTM by several percent within 50 steps.
    """

    def __init__(self, parameters):
        self.parameters = list(parameters)
        self.moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.parameters]
        self.taken = torch.zeros(())

    @torch.no_grad()
    def step(self):
        self.taken += 1
        rate = 1e-3 * torch.sqrt(1 - 0.999**self.taken) / (1 - 0.9**self.taken)
        for p, (m, v) in zip(self.parameters, self.moments):
            m.mul_(0.9).add_(0.1 * p.grad)
            v.mul_(0.999).add_(0.001 * p.grad * p.grad)
            p.sub_(rate * m / (torch.sqrt(v) + 1e-7))


def stepper(checking):
    model = build(checking)
    x, y = torch.from_numpy(arrays.x), torch.from_numpy(arrays.y).long().flatten()
    if x.dtype == torch.int32:
        x = x.long()
    if x.dim() == 4:
        x = x.permute(0, 3, 1, 2)
        x = x.contiguous(memory_format=torch.channels_last) if variant == "channelsLast" else x.contiguous()
    if variant == "channelsLast":
        model = model.to(memory_format=torch.channels_last)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = KerasAdam(trained) if checking else torch.optim.Adam(trained, lr=1e-3, eps=1e-7, fused=True)
    run = torch.compile(model) if variant == "compile" else model

    def step():
        model.zero_grad(set_to_none=True)
        loss = F.cross_entropy(run(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


step = stepper(checking=False)
serve({"torch": torch.__version__}, {"step": lambda n: timed(step, n), "check": lambda n: timed(stepper(True), n)})
