"""Writes vision.json: what fastai's vision_learner models and torchvision's bodies answer, and a step of one of them, in float64.

Weights and images are a formula's (formula.py), so that the file holds results alone. Run it with fastai 2.8.12 and torchvision 0.29.2: python vision.py > vision.json
The parameter groups are those of fastai's splitters: how many parameters each of them has.
"""
import torch
from fastai.vision.learner import create_head, create_vision_model, default_split, model_meta
from fastai.vision.models import xresnet
from formula import evaluate, pictures, set_weights, step, write
from torch import nn
from torchvision import models

CLASSES = 10
# The body, its size of pictures, their channels, rows; the head's arguments.
STEPPED = [("resnet18", 33, 3, 4, {"lin_ftrs": [24], "ps": 0.0}), ("resnet18", 33, 1, 4, {"lin_ftrs": [], "ps": 0.0, "concat_pool": False, "bn_final": True})]
EVALUATED = [("resnet34", 40, 3, 2, {}), ("resnet50", 40, 3, 2, {"lin_ftrs": [16, 8], "first_bn": False}), ("mobilenet_v2", 40, 3, 2, {}), ("xresnet34", 40, 3, 2, {"bn_final": True})]


def built(name, channels, head):
    arch = getattr(xresnet if name.startswith("x") else models, name)
    if name == "mobilenet_v2":  # fastai looks for a pool to cut at, and there is no module for it
        model = nn.Sequential(arch().features, create_head(1280, CLASSES, **head)).double()
    else:
        model = create_vision_model(arch, CLASSES, pretrained=False, n_in=channels, **head).double()
    splitter = model_meta.get(arch, {"split": default_split})["split"]
    groups = [sum(p.numel() for p in group) for group in splitter(model)]
    return model, groups


def measure(name, size, channels, rows, head, seed, stepped):
    torch.manual_seed(1)
    model, groups = built(name, channels, head)
    set_weights(model, seed)
    x = pictures(rows, size, channels, seed)
    found = step(model, x, CLASSES, seed) if stepped else {"logits": evaluate(model, x)}
    case = {"preset": "vision", "body": name, "pretrained": False, **head}
    return found and {"model": case, "seed": seed, "x_shape": [size, size, channels], "rows": rows, "classes": CLASSES, "groups": groups, **found}


def results():
    for case in STEPPED:
        yield next(result for seed in range(1, 1000) if (result := measure(*case, seed, True)))
    for case in EVALUATED:
        yield measure(*case, 1, False)


write(results())
