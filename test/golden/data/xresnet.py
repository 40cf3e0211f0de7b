"""Writes xresnet.json: what fastai's xresnet answers, and its gradients, in float64.

Weights and images are a formula's (formula.py), so that the file holds results alone. Run it with fastai 2.8.12: python xresnet.py > xresnet.json
"""
from fastai.vision.models import xresnet
from formula import pictures, set_weights, step, write

CLASSES = 10
CASES = [("xresnet18", 37, 3, 3), ("xresnet50", 37, 3, 2)]


def measure(name, size, channels, rows, seed):
    model = getattr(xresnet, name)(n_out=CLASSES, c_in=channels).double()
    set_weights(model, seed)
    found = step(model, pictures(rows, size, channels, seed), CLASSES, seed)
    return found and {"preset": name, "seed": seed, "x_shape": [size, size, channels], "rows": rows, "classes": CLASSES, **found}


write(next(result for seed in range(1, 1000) if (result := measure(*case, seed))) for case in CASES)
