"""Writes state_dicts.json: files that PyTorch saved, and what is in them; and one that would execute something. python state_dicts.py > state_dicts.json"""
import base64
import collections
import io
import json
import os
import pickle

import torch


def saved(value, **options):
    file = io.BytesIO()
    torch.save(value, file, **options)
    return base64.b64encode(file.getvalue()).decode()


class Malicious:
    def __reduce__(self):
        return os.system, ("touch /tmp/onecycle-was-here",)


w = torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4
state = collections.OrderedDict([("fc.weight", w), ("fc.bias", torch.tensor([0.5, -1.0])), ("fc.turned", w.t()), ("bn.num_batches_tracked", torch.tensor(7))])
print(json.dumps({
    "archive": saved(state), "legacy": saved(state, _use_new_zipfile_serialization=False),
    "half": saved({"state_dict": {name: value.half() if value.is_floating_point() else value for name, value in state.items()}, "epoch": 3}),
    "brain": saved({name: value.bfloat16() if value.is_floating_point() else value for name, value in state.items()}),
    "parameter": saved({"fc.weight": torch.nn.Parameter(w)}),
    "malicious": saved({"fc.weight": w, "more": Malicious()}), "malicious_pickle": base64.b64encode(pickle.dumps(Malicious())).decode(),
    "module": saved(torch.nn.Linear(3, 2)),
    "weight": w.tolist(),
}, indent=1))  # fmt: skip
