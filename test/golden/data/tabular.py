"""Writes tabular.json: what fastai's tables and TabularModel do, step by step.

Run it with fastai 2.8.12: python tabular.py > tabular.json
`reduce_memory=False` throughout: with it, fastai takes a category's values from all rows, those that only validate included.
"""
import json
import math

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from fastai.tabular.all import (
    Callback, CategoryBlock, Categorify, FillMissing, FillStrategy, Normalize, RegressionBlock, TabularModel, TabularPandas,
    cont_cat_split, emb_sz_rule, tabular_learner,
)  # fmt: skip
from torch import nn

# Nothing that goes into a ReLU may be nearer to 0: float32 would put it on the other side, and the gradients would be others.
MARGIN = 1e-5
PROCS = [Categorify, FillMissing, Normalize]


def rounded(value):
    """For JSON: eight digits, null for NaN."""
    if isinstance(value, dict):
        return {str(key): rounded(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [rounded(each) for each in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (float, np.floating)):
        return None if math.isnan(value) else float(f"{value:.8g}")
    return int(value) if isinstance(value, np.integer) else value


def columns_of(df):
    return {name: df[name].astype(object).where(df[name].notna(), None).tolist() for name in df}


# How a table becomes numbers


def small_table():
    nan = float("nan")
    return pd.DataFrame({
        # 'Åre' and 'Genf' are in no row that trains; code points order capitals, small letters, then the others.
        "city": ["Zug", "basel", "Ålesund", None, "Zug", "Bern", "basel", "Zürich", "😀", "Ålesund", "Åre", "Genf", None, "Bern"],
        "level": [3, 1, 10, 2, 3, 2, 1, 10, 3, 1, 2, 7, 3, 10],
        "size": [0.5, 1.5, nan, 10, 0.5, 2, 10, nan, 2, 1.5, 0.5, nan, 3.5, 10],
        "age": [22, 38, nan, 35, 35, nan, 54, 2, 27, 14, nan, 58, 20, 39],
        "income": [1200.5, nan, nan, 800, 950.25, 3000, 1100, 990, 800, 15000, 1000, 2000, 3000, 4000],
        "fare": [7, 71, 8, 53, 8, 8, 51, 21, 11, 30, 16, 26, 8, 31],
        "same": [4.5] * 12 + [4.5, 4.5],
        "kind": ["b", "a", "c", "a", "b", "c", "c", "a", "b", "a", "a", "c", "b", "a"],
        "price": [1.5, 2, 3.25, -4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14.5],
        "weight": [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140],
    })  # fmt: skip


def processed(name, targets, y_block, **arguments):
    df = small_table()
    train, valid = list(range(10)), list(range(10, 14))
    categories, numbers = ["city", "level", "size"], ["age", "income", "fare", "same"]
    fill = FillMissing(**arguments)
    to = TabularPandas(df, [Categorify, fill, Normalize], list(categories), list(numbers), list(targets), y_block, (train, valid), reduce_memory=False)
    strategy = {FillStrategy.median: "median", FillStrategy.constant: "constant", FillStrategy.mode: "mode"}
    vocab = to.procs.categorize.vocab if isinstance(y_block, type(CategoryBlock())) and hasattr(to.procs, "categorize") else None
    return {
        "name": name, "columns": columns_of(df), "train": train, "categorical": categories, "continuous": numbers, "targets": targets,
        "fill_missing": {
            "fill_strategy": strategy[arguments.get("fill_strategy", FillStrategy.median)],
            "fill_vals": dict(arguments.get("fill_vals", {})), "add_col": arguments.get("add_col", True),
        },
        "cat_names": list(to.cat_names), "classes": [[str(each) for each in to.classes[c]] for c in to.cat_names],
        "means": [to.procs.normalize.means[c] for c in numbers], "stds": [to.procs.normalize.stds[c] for c in numbers],
        "x": np.concatenate([to.cats.to_numpy().astype(float), to.conts.to_numpy().astype(float)], 1),
        "y": to.ys.to_numpy().astype(float), "vocab": None if vocab is None else list(vocab),
    }  # fmt: skip


def splits():
    """What `cont_cat_split` makes of columns, and what is known of each."""
    n = 30
    df = pd.DataFrame({
        "text": [f"t{i}" for i in range(n)], "few": [i % 3 for i in range(n)], "twenty": [i % 20 for i in range(n)],
        "many": [i % 21 for i in range(n)], "float": [float(i % 2) for i in range(n)],
        "few_missing": [None if i == 4 else i % 3 for i in range(n)], "bool": [i % 2 == 0 for i in range(n)],
        "date": pd.date_range("2026-01-01", periods=n), "target": list(range(n)),
    })  # fmt: skip
    known = []
    for name in df:
        column = df[name]
        kind = "number" if pd.api.types.is_numeric_dtype(column) and column.dtype != bool else "date" if "datetime" in str(column.dtype) else "text"
        known.append({"name": name, "type": kind, "integer": bool(pd.api.types.is_integer_dtype(column.dtype)),
                      "missing": int(column.isna().sum()), "unique": int(column.nunique())})  # fmt: skip
    continuous, categorical = cont_cat_split(df, max_card=20, dep_var="target")
    return {"columns": known, "target": "target", "continuous": list(continuous), "categorical": list(categorical)}


# The model


def to_ours(name, value):
    """Kernels are [in, out] here, as in TensorFlow; embeddings stay."""
    return value.T if value.ndim == 2 and not name.startswith("embeds") else value


def tensors(model):
    """Parameters and statistics in order; without columns of numbers, fastai keeps a batch norm of none."""
    return [(name, value) for name, value in model.state_dict().items() if value.numel() > 0 and not name.endswith("num_batches_tracked")]


def values_of(model):
    return [rounded(to_ours(name, value).detach().double().reshape(-1).tolist()) for name, value in tensors(model)]


def modules_of(model):
    """The model's own order, branches aside: what stands after what."""
    words = {nn.Linear: "dense", nn.ReLU: "relu", nn.BatchNorm1d: "batch_norm", nn.Dropout: "dropout"}
    found = []
    for block in model.layers:
        parts = list(block) if isinstance(block, nn.Sequential) else [block]
        found += [words.get(type(part), "sigmoid_range") for part in parts]
    return found


def draw_weights(model, rng):
    for name, value in tensors(model):
        drawn = rng.uniform(0.5, 1.5, value.shape) if "running_var" in name or (value.ndim == 1 and name.endswith("weight")) else rng.uniform(-0.6, 0.6, value.shape)
        with torch.no_grad():
            value.copy_(torch.tensor(drawn.astype(np.float32)))


def measured(cardinalities, continuous, outputs, seed, classes, **arguments):
    rng = np.random.default_rng(seed)
    sizes = arguments.pop("sizes", [emb_sz_rule(n) for n in cardinalities])
    layers = arguments.pop("layers", [12, 6])
    model = TabularModel(list(zip(cardinalities, sizes)), continuous, outputs, layers, **arguments, act_cls=nn.ReLU()).double()
    draw_weights(model, rng)
    rows = 8
    categories = np.stack([rng.integers(0, n, rows) for n in cardinalities], 1) if cardinalities else np.zeros((rows, 0), int)
    numbers = rng.normal(0, 2, (rows, continuous)).astype(np.float32)
    y = rng.integers(0, outputs, rows) if classes else rng.normal(1, 1, (rows, outputs)).astype(np.float32)
    xs = torch.tensor(categories), torch.tensor(numbers).double()
    target = torch.tensor(y) if classes else torch.tensor(y).double()
    loss_of = F.cross_entropy if classes else F.mse_loss
    nearest = []
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda _, inputs, __: nearest.append(float(inputs[0].detach().abs().min())))
    weights = values_of(model)
    model.eval()
    evaluated = model(*xs)
    model.train()
    loss = loss_of(model(*xs), target)
    if nearest and min(nearest) < MARGIN:
        return None
    loss.backward()
    gradients = [rounded(to_ours(name, p.grad).reshape(-1).tolist()) for name, p in model.named_parameters() if p.numel() > 0]
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    after = values_of(model)
    model.eval()
    return {
        "cardinalities": cardinalities, "continuous": continuous, "outputs": outputs, "classes": classes,
        "arguments": {"layers": layers, **arguments}, "sizes": sizes, "modules": modules_of(model), "weights": weights,
        "x": np.concatenate([categories.astype(float), numbers.astype(float)], 1), "y": y, "output": evaluated.tolist(),
        "loss": loss.item(), "gradients": gradients, "after": after, "output_after": model(*xs).tolist(),
    }  # fmt: skip


def models():
    cases = [
        ([4, 3, 9], 3, 3, True, {}),
        ([5, 40], 2, 2, False, {"y_range": (-1, 4.5), "sizes": [5, 7]}),
        ([6], 4, 1, False, {"use_bn": False, "layers": [10]}),
        ([7, 3], 0, 4, True, {"bn_final": True}),
        ([], 5, 3, True, {"lin_first": False}),
        ([3, 3], 2, 2, True, {"bn_cont": False, "lin_first": False, "bn_final": True, "layers": [8]}),
    ]
    return [next(found for seed in range(1, 1000) if (found := measured(*case[:3], seed, case[3], **case[4]))) for case in cases]


def structures():
    """What stands after what, with dropout: its random numbers are each side's own."""
    found = []
    for arguments in ({"ps": 0.1}, {"ps": [0.2, 0.0], "embed_p": 0.3}, {"ps": 0.5, "lin_first": False}, {"ps": 0.1, "use_bn": False}):
        model = TabularModel([(4, 3)], 2, 3, [8, 5], **arguments)
        found.append({"arguments": {"layers": [8, 5], **arguments}, "modules": modules_of(model)})
    return found


# Whole runs


def passengers(rows, seed, held_out=False):
    """A table as of the Titanic, drawn."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["female", "male"], rows)
    pclass = rng.integers(1, 4, rows)
    age = np.round(rng.normal(30, 12, rows).clip(1, 80), 1)
    fare = np.round(np.exp(rng.normal(3.4 - 0.5 * pclass, 0.6)), 2)
    score = 1.5 * (sex == "female") - 0.8 * (pclass - 2) - 0.02 * (age - 30) + rng.normal(0, 0.7, rows)
    df = pd.DataFrame({
        "sex": sex, "pclass": pclass, "deck": rng.choice(["A", "B", "C", "D"] + (["T"] if held_out else []), rows), "age": age, "fare": fare,
        "survived": np.where(score > 0.4, "yes", "no"), "height": np.round(1.5 + 0.1 * score + rng.normal(0, 0.05, rows), 3),
    })  # fmt: skip
    df.loc[rng.random(rows) < 0.2, "age"] = np.nan
    df["deck"] = df["deck"].where(rng.random(rows) > 0.3, None)
    return df


class Record(Callback):
    def before_fit(self):
        self.losses = []

    def after_batch(self):
        if self.training:
            self.losses.append(float(self.learn.loss))


def run(targets, y_block, seed, **arguments):
    torch.manual_seed(seed)
    given = dict(arguments)
    df, held_out = passengers(160, seed), passengers(12, seed + 1, held_out=True)
    train, valid = list(range(128)), list(range(128, 160))
    categories, numbers = ["sex", "pclass", "deck"], [name for name in ["age", "fare"] if name not in targets]
    to = TabularPandas(df, PROCS, list(categories), list(numbers), list(targets), y_block, (train, valid), reduce_memory=False)
    dls = to.dataloaders(bs=32, shuffle=False)
    record = Record()
    learn = tabular_learner(dls, layers=[20, 10], cbs=record, **arguments)
    draw_weights(learn.model.float(), np.random.default_rng(seed))
    before = values_of(learn.model)
    epochs = []
    learn.logger = lambda line: epochs.append(line[1:3]) if isinstance(line[0], int) else None
    with learn.no_bar():
        learn.fit_one_cycle(4, 0.01)
        # Predictions begin with a `before_fit` of their own.
        recorded = {
            "raw_losses": record.losses, "smooth_losses": [float(v) for v in learn.recorder.losses],
            "lrs": [float(v) for v in learn.recorder.lrs],
        }  # fmt: skip
        predictions, _ = learn.get_preds(dl=dls.test_dl(held_out))
    rows = held_out[categories + numbers]
    return {
        "targets": targets, "columns": columns_of(df), "train": len(train), "categorical": categories, "continuous": numbers,
        "arguments": given, "weights": before, **recorded, "epochs": [[float(v) for v in line] for line in epochs],
        "weights_after": values_of(learn.model), "held_out": columns_of(rows), "predictions": predictions.tolist(),
    }  # fmt: skip


golden = {
    "emb_sz_rule": [[n, emb_sz_rule(n)] for n in [*range(1, 40), 100, 1000, 10_000, 39_000, 40_000, 10**6]],
    "processing": [
        processed("median, classes", ["kind"], CategoryBlock()),
        processed("mode, values", ["price"], RegressionBlock(), fill_strategy=FillStrategy.mode),
        processed("constant, several values", ["price", "weight"], RegressionBlock(n_out=2), fill_strategy=FillStrategy.constant,
                  fill_vals={"age": -1.5, "income": 0}),
        processed("no marks", ["kind"], CategoryBlock(), add_col=False),
    ],
    "cont_cat_split": splits(),
    "models": models(),
    "structures": structures(),
    "runs": [
        run(["survived"], CategoryBlock(), 3),
        run(["fare", "height"], RegressionBlock(n_out=2), 5, y_range=(-1, 60)),
    ],
}  # fmt: skip
print("{" + ",\n".join(f"{json.dumps(key)}: {json.dumps(rounded(value), ensure_ascii=False)}" for key, value in golden.items()) + "}")
