"""Weights and pictures that are the same in Python and TypeScript by a formula (`unit`, in ../formula.ts as well), and one step of a model on them, in float64."""
import json

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

IMAGES, LABELS, PROJECTION = 1000, 1001, 2000
# Nothing that goes into a ReLU may be nearer to a kink: float32 would put it on the other side, and the gradients would be others.
MARGIN = 5e-6


def scramble(x):
    """lowbias32: a bijection of 32-bit integers that looks random."""
    x = x.astype(np.uint32)
    x = (x ^ (x >> 16)) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * np.uint32(0x846CA68B)
    return x ^ (x >> 16)


def unit(count, stream, seed):
    """`count` numbers in [0, 1): a function of seed, stream and index."""
    start = scramble(scramble(np.array([seed])) + np.uint32(stream))
    return scramble(start + np.arange(count, dtype=np.uint32)) / 2**32


def from_tensorflow(value):
    """[height, width, in, out] and [in, out] to PyTorch's order."""
    return value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T


def to_tensorflow(value):
    return value.permute(2, 3, 1, 0) if value.ndim == 4 else value.T


def tensors(model):
    """Parameters and statistics, layer by layer: ours stand in the same order."""
    return [(name, value) for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")]


def set_weights(model, seed):
    gammas_at_zero = {name for name, value in tensors(model) if name.endswith("weight") and value.ndim == 1 and not value.any()}
    for index, (name, value) in enumerate(tensors(model)):
        u = unit(value.numel(), index, seed)
        if value.ndim > 1:
            shape = to_tensorflow(value).shape
            u = from_tensorflow(((2 * u - 1) * np.sqrt(6 / np.prod(shape[:-1]))).reshape(shape))
        elif name in gammas_at_zero:
            u = 0.1 + 0.1 * u
        elif name.endswith(("weight", "running_var")):
            u = 0.5 + u
        else:
            u = 0.2 * (u - 0.5)
        with torch.no_grad():
            value.copy_(torch.tensor(np.ascontiguousarray(u).astype(np.float32)))


def sums(values):
    """Two numbers a tensor: its length, and its product with a vector of random signs."""
    found = []
    for index, value in enumerate(values):
        flat = to_tensorflow(value).reshape(-1).numpy() if value.ndim > 1 else value.numpy()
        signs = np.where(unit(flat.size, PROJECTION + index, 1) < 0.5, -1, 1)
        found.append([float(np.sqrt((flat**2).sum())), float((flat * signs).sum())])
    return found


def pictures(rows, size, channels, seed):
    x = (2 * unit(rows * size * size * channels, IMAGES, seed) - 1).astype(np.float32).reshape(rows, size, size, channels)
    return torch.tensor(x.transpose(0, 3, 1, 2)).double()


def evaluate(model, x):
    model.eval()
    with torch.no_grad():
        return model(x).tolist()


def step(model, x, classes, seed):
    """One step of SGD at a rate of 0.1, or None where float32 might do it otherwise."""
    y = torch.tensor((unit(len(x), LABELS, seed) * classes).astype(np.int64))
    nearest = []
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
            module.register_forward_hook(lambda _, inputs, __: nearest.append(float(inputs[0].detach().abs().min())))
    evaluated = evaluate(model, x)
    model.train()
    nearest.clear()
    loss = F.cross_entropy(model(x), y)
    if min(nearest) < MARGIN:
        return None
    loss.backward()
    gradients = sums([p.grad for p in model.parameters()])
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "logits": evaluated, "loss": loss.item(), "gradients": gradients,
        "statistics": sums([value for n, value in tensors(model) if "running" in n]), "logits_after_sgd": evaluate(model, x),
    }  # fmt: skip


def rounded(value):
    return [rounded(v) for v in value] if isinstance(value, list) else float(f"{value:.8g}") if isinstance(value, float) else value


def write(results):
    for at, found in enumerate(results):
        print("[" if at == 0 else ",", json.dumps({key: rounded(value) for key, value in found.items()}))
    print("]")
