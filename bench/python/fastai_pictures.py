"""fastai's side: its DataLoader with as many workers as threads, and nobody who needs the batches. Pictures a second, a value an epoch."""
import json
import resource
import sys
import time
import warnings

from fastai.vision.all import *

warnings.filterwarnings("ignore")

if __name__ == "__main__":
    work = json.loads(sys.argv[1])
    torch.set_num_threads(work["threads"])
    files = [Path(work["folder"]) / name for name in work["files"]]
    names = [tfm["name"] for tfm in work["transforms"]["batch_tfms"]]
    batch_tfms = [*(aug_transforms() if "aug_transforms" in names else []), *([Normalize.from_stats(*imagenet_stats, cuda=False)] if "normalize" in names else [])]
    loaders = ImageDataLoaders.from_path_func(
        work["folder"], files, lambda path: path.name.split("_")[0], valid_pct=0, item_tfms=Resize(224), batch_tfms=batch_tfms,
        bs=work["batch"], num_workers=work["threads"], device=torch.device("cpu"),
    )  # fmt: skip
    rates = []
    for epoch in range(work["epochs"] + 1):
        started = time.perf_counter()
        rows = sum(len(x) for x, _ in loaders.train)
        if epoch > 0:  # the first one warms up
            rates.append(rows / (time.perf_counter() - started))
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"rates": rates, "peak_bytes": peak * 1024}))
