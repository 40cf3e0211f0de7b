"""Writes pictures.json: what fastai makes of pictures: item_tfms and batch_tfms with given draws, and decoded files.

Pictures are the same on both sides by a formula (`picture` below and in ../pictures.test.ts), so that the file holds results alone. Run it
with fastai 2.8.12: python pictures.py > pictures.json
"""
import base64
import io
import json
import random
from contextlib import contextmanager

import numpy as np
import torch
from fastai.vision.all import *


def picture(width, height, seed):
    """Bytes that look like nothing, but neither like noise alone: a slope and some of the noise on it."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    noise = (x * 7919 + y * 104729 + c * 1299709 + seed * 15485863) % 97
    return ((x * (c + 1) * 5 + y * 9 + noise * 2) % 256).astype(np.uint8)


@contextmanager
def drawn(numbers):
    """Python's generator draws these numbers, from 0 to 1."""
    left = list(numbers)
    kept = {name: getattr(random, name) for name in ("random", "uniform", "randint")}
    random.random = lambda: left.pop(0)
    random.uniform = lambda low, high: low + (high - low) * left.pop(0)
    random.randint = lambda low, high: low + int(left.pop(0) * (high - low + 1))
    yield
    for name, function in kept.items():
        setattr(random, name, function)


def item_case(tfm, spec, width, height, seed, draws):
    """`draws`: numbers from 0 to 1 in training, None where it validates."""
    with drawn(draws or []):
        made = tfm(PILImage.create(picture(width, height, seed)), split_idx=1 if draws is None else 0)
    return {"spec": spec, "picture": [width, height, seed], "draws": draws, "pixels": np.array(made).reshape(-1).tolist()}


def item_cases():
    spec = lambda name, **arguments: {"name": name, **arguments}
    for method in ("crop", "squish", "pad"):
        for pad_mode in ("reflection", "border", "zeros") if method == "pad" else ("reflection",):
            for size in (16, (12, 18)):
                for width, height in ((24, 20), (19, 33)):
                    tfm = Resize(size, method=method, pad_mode=pad_mode)
                    given = spec("resize", size=size, method=method, pad_mode=pad_mode)
                    for draws in ([] if method == "squish" else [0.3, 0.85], None):
                        yield item_case(tfm, given, width, height, 1, draws)
    yield item_case(Resize(31), spec("resize", size=31), 9, 7, 2, [0.5, 0.1])  # enlarged
    yield item_case(Resize(16, "pad"), spec("resize", size=16, method="pad"), 60, 4, 2, [0.9, 0.2])  # mirrored more than once
    for size in (16, (12, 18)):
        given = spec("random_resized_crop", size=size)
        for draws in ([0.4, 0.7, 0.2, 0.9], [0.99, 0.01] * 2 + [0.1, 0.5, 0.6, 0.3], [0.999, 0.999] * 10, None):
            yield item_case(RandomResizedCrop(size), given, 24, 20, 3, draws)
    given = spec("random_resized_crop", size=16, min_scale=0.35, max_scale=0.9, ratio=[0.5, 1.2], val_xtra=0)
    tfm = RandomResizedCrop(16, min_scale=0.35, max_scale=0.9, ratio=(0.5, 1.2), val_xtra=0)
    for draws in ([1 - 1e-9, 1 - 1e-9] * 10, [0.05, 0.95, 0.5, 0.5], None):
        yield item_case(tfm, given, 61, 27, 4, draws)


NOTHING = {"flip": 0, "warp": {"x": 0, "y": 0}, "rotate": 0, "zoom": {"by": 1, "x": 0.5, "y": 0.5}, "brightness": 0.5, "contrast": 1}


def batch_case(drawn, width=12, height=10, flip_vert=False, pad_mode="reflection", seed=5):
    drawn = {**NOTHING, **drawn}
    x = TensorImage(torch.tensor(picture(width, height, seed)).permute(2, 0, 1)[None].float() / 255)
    given = dict(p=1.0, pad_mode=pad_mode)
    warp, zoom = drawn["warp"], drawn["zoom"]
    tfms = [
        Dihedral(draw=drawn["flip"], align_corners=True, **given) if flip_vert else Flip(draw=drawn["flip"], **given),
        Warp(draw_x=warp["x"], draw_y=warp["y"], **given),
        Rotate(draw=drawn["rotate"], **given),
        Zoom(draw=zoom["by"], draw_x=zoom["x"], draw_y=zoom["y"], **given),
        Brightness(draw=drawn["brightness"], p=1.0), Contrast(draw=drawn["contrast"], p=1.0),
    ]  # fmt: skip
    made = x.clone()
    for tfm in setup_aug_tfms(tfms):
        made = tfm(made, split_idx=0)
    values = made[0].permute(1, 2, 0).reshape(-1).tolist()
    return {"picture": [width, height, seed], "flip_vert": flip_vert, "pad_mode": pad_mode, "drawn": drawn,
            "values": [float(f"{value:.7g}") for value in values]}  # fmt: skip


def batch_cases():
    yield batch_case({})
    yield batch_case({"flip": 1})
    for k in range(1, 8):
        yield batch_case({"flip": k}, flip_vert=True, height=12)
    yield batch_case({"flip": 6}, flip_vert=True)
    for pad_mode in ("reflection", "border", "zeros"):
        yield batch_case({"rotate": 37.5}, pad_mode=pad_mode)
    yield batch_case({"zoom": {"by": 1.3, "x": 0.2, "y": 0.9}})
    yield batch_case({"zoom": {"by": 0.4, "x": 0.7, "y": 0.1}})
    yield batch_case({"warp": {"x": 0.17, "y": -0.11}})
    yield batch_case({"brightness": 0.43})
    yield batch_case({"contrast": 1.21})
    yield batch_case({"brightness": 0.58, "contrast": 0.83})
    everything = {"flip": 1, "warp": {"x": -0.13, "y": 0.08}, "rotate": -8.5, "zoom": {"by": 1.07, "x": 0.3, "y": 0.6}, "brightness": 0.46, "contrast": 1.15}
    yield batch_case(everything)
    yield batch_case(everything, width=17, height=9)
    yield batch_case({**everything, "flip": 3}, flip_vert=True)


def ranges(**arguments):
    """Between which limits aug_transforms draws, and how often."""
    affine, lighting = aug_transforms(**arguments)
    found = {"names": []}
    for f in affine.aff_fs:
        found[f.func.__name__] = {k: v for k, v in f.keywords.items() if k in ("p", "max_deg", "min_zoom", "max_zoom")}
    found["warp"] = [{"p": f.p, "magnitude": float(f.magnitude)} for f in affine.coord_fs]
    found["lighting"] = [{"p": f.p, "max_lighting": float(f.max_lighting)} for f in lighting.fs]
    del found["names"]
    return {"arguments": arguments, "ranges": json.loads(json.dumps(found, default=float))}


def normalized():
    x = TensorImage(torch.tensor(picture(6, 5, 6)).permute(2, 0, 1)[None].float() / 255)
    made = Normalize.from_stats(*imagenet_stats, cuda=False)(x)
    return {"picture": [6, 5, 6], "values": [float(f"{v:.7g}") for v in made[0].permute(1, 2, 0).reshape(-1).tolist()]}


def decoded_cases():
    smooth = Image.fromarray(picture(24, 20, 7)).resize((13, 11), Image.BILINEAR)
    alpha = smooth.convert("RGBA")
    alpha.putalpha(smooth.convert("L"))
    turned = Image.Exif()
    turned[0x0112] = 6
    saved = {
        "png": (smooth, dict(format="png")),
        "png, greyscale": (smooth.convert("L"), dict(format="png")),
        "png, greyscale with alpha": (alpha.convert("LA"), dict(format="png")),
        "png, with alpha": (alpha, dict(format="png")),
        "png, palette": (smooth.quantize(16), dict(format="png")),
        "png, two colours": (smooth.convert("1"), dict(format="png")),
        "jpeg": (smooth, dict(format="jpeg", quality=90)),
        "jpeg, colours at full size": (smooth, dict(format="jpeg", quality=90, subsampling=0)),
        "jpeg, greyscale": (smooth.convert("L"), dict(format="jpeg")),
        "jpeg, turned": (smooth, dict(format="jpeg", exif=turned)),
        "jpeg, progressive": (smooth, dict(format="jpeg", progressive=True)),
        "gif": (smooth.quantize(16), dict(format="gif")),
        "webp, lossless": (smooth, dict(format="webp", lossless=True)),
    }  # fmt: skip
    for name, (image, how) in saved.items():
        file = io.BytesIO()
        image.save(file, **how)
        made = PILImage.create(file.getvalue())
        yield {"name": name, "file": base64.b64encode(file.getvalue()).decode(), "size": list(made.size),
               "pixels": np.array(made).reshape(-1).tolist()}  # fmt: skip


result = {
    "items": list(item_cases()),
    "batches": list(batch_cases()),
    "ranges": [ranges(), ranges(mult=2.0, max_rotate=20.0, flip_vert=True, p_affine=0.6, p_lighting=0.4), ranges(do_flip=False, min_zoom=0.9, max_zoom=1.3, max_warp=0.1, max_lighting=0.3)],
    "normalized": normalized(),
    "decoded": list(decoded_cases()),
}
print(json.dumps(result, separators=(",", ":")))
