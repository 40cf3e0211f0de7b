"""The benchmark's models in PyTorch, layer for layer what bench/workloads.ts describes."""
from torch import nn
from torchvision.models import resnet18


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs)


def mlp(inputs, outputs, hidden):
    widths = [inputs, *hidden]
    layers = [layer for pair in zip(widths, hidden) for layer in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(widths[-1], outputs))


def cnn(channels, outputs):
    return nn.Sequential(
        nn.Conv2d(channels, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, outputs),
    )


def model_for(workload):
    shape, outputs = workload["shape"], workload.get("classes") or workload["outputs"]
    match workload["architecture"]:
        case "linear":
            return linear(shape[0], outputs)
        case "mlp":
            return mlp(shape[0], outputs, workload["hidden"])
        case "cnn":
            return cnn(shape[-1], outputs)
        case "resnet18":
            return resnet18(num_classes=outputs)
