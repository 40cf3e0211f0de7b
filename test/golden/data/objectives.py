"""Writes objectives.json: metrics, losses and MixUp as fastai, scikit-learn and PyTorch compute them, in float64.

The inputs stand in the file, of few digits. Run it with fastai 2.8.12: python objectives.py > objectives.json
"""
import json
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
from fastai.callback.core import Callback, CancelFitException
from fastai.callback.mixup import MixUp
from fastai.data.core import DataLoaders
from fastai.learner import Learner
from fastai.losses import LabelSmoothingCrossEntropy
from fastai.metrics import (ExplainedVariance, F1Score, Precision, R2Score, Recall, RocAuc, RocAucBinary, accuracy,
                            accuracy_multi, error_rate, mae, mse, rmse, top_k_accuracy)
from fastai.optimizer import SGD
from sklearn.metrics import confusion_matrix
from sklearn.utils.class_weight import compute_class_weight

torch.set_default_dtype(torch.float64)
random = np.random.default_rng(1)


def normal(*shape):
    """Of few digits, so that float32 ties where float64 does."""
    return np.round(random.standard_normal(shape) * 2, 2)


def listed(value):
    return np.asarray(value.detach() if isinstance(value, torch.Tensor) else value).tolist()


def measured(metric, outputs, targets):
    """An AvgMetric's or AccumMetric's function on all rows at once."""
    function = getattr(metric, "func", metric)
    return float(function(torch.tensor(outputs), torch.tensor(targets)))


def accumulated(metric, outputs, targets):
    """fastai's AccumMetric, as a Learner calls it: with its own activation."""
    metric.reset()
    learn = SimpleNamespace(pred=torch.tensor(outputs), y=torch.tensor(targets), to_detach=lambda tensor: tensor)
    metric.accumulate(learn)
    return float(metric.value)


def class_metrics(outputs, labels):
    classes = outputs.shape[1]
    predicted = outputs.argmax(1)
    cases = [
        ("accuracy", measured(accuracy, outputs, labels)),
        ("error_rate", measured(error_rate, outputs, labels)),
        ({"name": "top_k_accuracy", "k": 2}, float(top_k_accuracy(torch.tensor(outputs), torch.tensor(labels), k=2))),
        ("confusion_matrix", confusion_matrix(labels, predicted, labels=range(classes)).tolist()),
    ]
    averages = ["binary", "macro", "micro", "weighted"] if classes == 2 else ["macro", "micro", "weighted"]
    for name, metric in [("f1_score", F1Score), ("precision", Precision), ("recall", Recall)]:
        for average in averages:
            value = accumulated(metric(average=average), outputs, labels)
            cases.append(({"name": name, "average": average}, value))
    if classes == 2:
        cases.append(({"name": "recall", "average": "binary", "pos_label": 0}, accumulated(Recall(pos_label=0), outputs, labels)))
        cases.append(("roc_auc", accumulated(RocAucBinary(), outputs, labels)))
    elif len(np.unique(labels)) == classes:
        for average in ["macro", "weighted"]:
            metric = RocAuc(average=average)
            cases.append(({"name": "roc_auc", "average": average}, accumulated(metric, outputs, labels)))
    return cases


def value_metrics(outputs, targets):
    cases = [(name, measured(metric, outputs, targets)) for name, metric in [("mse", mse), ("mae", mae)]]
    cases.append(("rmse", accumulated(rmse, outputs, targets)))
    cases.append(("r2", accumulated(R2Score(), outputs, targets)))
    cases.append(("explained_variance", accumulated(ExplainedVariance(), outputs, targets)))
    return cases


def metrics():
    def case(outputs, targets, cases):
        return {"outputs": listed(outputs), "targets": listed(targets), "metrics": [{"spec": s, "value": v} for s, v in cases]}

    two, two_labels = normal(41, 2), random.integers(0, 2, 41)
    four, four_labels = normal(53, 4), random.integers(0, 4, 53)
    # Class 3 of 5 is neither there nor predicted; class 4 is predicted alone.
    five, five_labels = normal(31, 5), random.integers(0, 3, 31)
    five[:, 3] = -20
    values, targets = normal(37, 1), normal(37, 1)
    pairs, pair_targets = normal(23, 2), normal(23, 2)
    logits, bits = normal(29, 3), random.integers(0, 2, (29, 3)).astype(float)
    multi = [({"name": "accuracy_multi", "thresh": t}, float(accuracy_multi(torch.tensor(logits), torch.tensor(bits), thresh=t))) for t in (0.5, 0.3)]
    return [
        case(two, two_labels, class_metrics(two, two_labels)),
        case(four, four_labels, class_metrics(four, four_labels)),
        case(five, five_labels, class_metrics(five, five_labels)),
        case(values, targets, value_metrics(values, targets)),
        case(pairs, pair_targets, value_metrics(pairs, pair_targets)),
        case(logits, bits, multi),
    ]


def loss_case(spec, function, outputs, targets):
    outputs = torch.tensor(outputs, requires_grad=True)
    loss = function(outputs, torch.tensor(targets))
    loss.backward()
    return {"spec": spec, "outputs": listed(outputs), "targets": listed(targets), "loss": float(loss), "gradient": listed(outputs.grad)}


def cross_entropy(weight=None):
    """PyTorch's loss inside of CrossEntropyLossFlat, whose own tensors leave float64."""
    function = torch.nn.CrossEntropyLoss(weight=weight)
    function.y_int = True
    return function


def losses():
    outputs, labels = normal(9, 4), np.array([0, 1, 2, 3, 3, 3, 0, 2, 1])
    weights = [0.5, 2.0, 1.25, 3.0]
    weight = torch.tensor(weights, dtype=torch.float64)
    balanced = torch.tensor(compute_class_weight("balanced", classes=np.arange(4), y=labels))
    values, targets = normal(7, 2), normal(7, 2)
    bits = random.integers(0, 2, (7, 2)).astype(float)
    values[0] = targets[0] + 1  # where Huber's two halves meet, and where they would be 0
    values[1] = targets[1]
    logits = values.copy()
    logits[2] = 0
    return [
        loss_case("cross_entropy", cross_entropy(), outputs, labels),
        loss_case({"name": "cross_entropy", "weight": weights}, cross_entropy(weight), outputs, labels),
        loss_case({"name": "cross_entropy", "weight": "balanced"}, cross_entropy(balanced), outputs, labels),
        loss_case("label_smoothing", LabelSmoothingCrossEntropy(), outputs, labels),
        loss_case({"name": "label_smoothing", "eps": 0.3, "weight": weights}, LabelSmoothingCrossEntropy(eps=0.3, weight=weight), outputs, labels),
        loss_case("mse", torch.nn.MSELoss(), values, targets),
        loss_case("l1", F.l1_loss, values, targets),
        loss_case("huber", F.huber_loss, values, targets),
        loss_case({"name": "huber", "delta": 0.4}, lambda o, t: F.huber_loss(o, t, delta=0.4), values, targets),
        loss_case("bce_with_logits", F.binary_cross_entropy_with_logits, logits, bits),
    ]


class OneBatch(list):
    """All that a Learner asks of a DataLoader."""
    device = None


def mixup_case(spec, function, x, y, kernel, share, partner):
    """One step of a linear model in a real Learner with a real MixUp, whose draws are given."""
    model = torch.nn.Linear(*kernel.shape, bias=False).double()
    model.weight.data = torch.tensor(kernel.T.copy())
    mixup = MixUp(0.4)
    # MixUp takes the larger of a draw and 1 less it.
    draws = [d if i % 2 else 1 - d for i, d in enumerate(share)]
    mixup.distrib = type("Given", (), {"sample": lambda self, shape: torch.tensor(draws, dtype=torch.float64)})()
    given, torch.randperm = torch.randperm, lambda n: torch.tensor(partner)
    seen = {}

    def stepped(learn):
        seen.update(loss=float(learn.loss), gradient=listed(model.weight.grad.T), x=listed(learn.xb[0]))

    batches = OneBatch([(torch.tensor(x), torch.tensor(y))])
    learn = Learner(DataLoaders(batches, OneBatch()), model, loss_func=function, opt_func=SGD, cbs=[mixup])
    learn.add_cb(Before(stepped))
    with learn.no_logging():
        learn.fit(1, lr=0.0)
    torch.randperm = given
    return {"spec": spec, "x": listed(x), "y": listed(y), "kernel": listed(kernel), "share": share, "partner": partner,
            "mixed": seen["x"], "loss": seen["loss"], "gradient": seen["gradient"]}


class Before(Callback):
    """Calls a function before the optimizer's step, and ends the fit there."""
    def __init__(self, function):
        self.function = function

    def before_step(self):
        self.function(self.learn)
        raise CancelFitException


def mixups():
    x, labels = normal(6, 3), np.array([0, 1, 2, 2, 1, 0])
    kernel = normal(3, 3)
    share = [0.5, 0.625, 0.75, 0.875, 1.0, 0.9375]
    partner = [3, 0, 2, 5, 1, 4]
    weights = [0.5, 2.0, 1.25]
    weight = torch.tensor(weights, dtype=torch.float64)
    values, one = normal(6, 1), normal(3, 1)
    return [
        mixup_case("cross_entropy", cross_entropy(), x, labels, kernel, share, partner),
        mixup_case({"name": "cross_entropy", "weight": weights}, cross_entropy(weight), x, labels, kernel, share, partner),
        mixup_case("label_smoothing", LabelSmoothingCrossEntropy(), x, labels, kernel, share, partner),
        mixup_case("mse", torch.nn.MSELoss(), x, values, one, share, partner),
    ]


def rounded(value):
    """Nine digits are more than float32 has."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return {key: rounded(each) for key, each in value.items()} if isinstance(value, dict) else value


print(json.dumps(rounded({"metrics": metrics(), "losses": losses(), "mixup": mixups()})))
