"""fastai's Learner with its Recorder and ParamScheduler, one cycle a turn; without its progress bar."""
import warnings

from fastai.basics import *
from fastai.callback.progress import ProgressCallback
from fastai.callback.schedule import *

from contender import Contender, device, serve

warnings.filterwarnings("ignore")


class ReadyBatches:
    """A loader of batches that lie ready, so that none of fastai's time is loading."""

    def __init__(self, contender):
        self.contender, self.device = contender, device
        self.bs = len(contender.batches[0][0])
        self.dataset = range(sum(len(x) for x, _ in contender.batches))

    def __len__(self):
        return len(self.contender.batches)

    def __iter__(self):
        return self.contender.on_device()

    def to(self, _device):
        return self


class TrainingOnly(Callback):
    """A turn trains; evaluation is measured by itself."""

    def before_validate(self):
        raise CancelValidException()


class NoteLoss(Callback):
    def __init__(self, note):
        self.note = note

    def after_batch(self):
        self.note()


class FastaiLearner(Contender):
    def start(self, model):
        loader = ReadyBatches(self)
        self.learn = Learner(DataLoaders(loader, loader), model, loss_func=self.loss, lr=1e-3, opt_func=Adam)
        self.learn.remove_cb(ProgressCallback)
        self.fit(NoteLoss(self.note_loss))

    def fit(self, *callbacks):
        with self.learn.no_bar(), self.learn.no_logging():
            self.learn.fit_one_cycle(1, 1e-3, cbs=[TrainingOnly(), *callbacks])

    def train_pass(self):
        self.fit()

    def evaluate_pass(self):
        with self.learn.no_bar(), self.learn.no_logging():
            self.learn.validate()


serve(FastaiLearner())
