"""A bare PyTorch loop: AdamW, the loss read after each batch, nothing else."""
import torch

from contender import Contender, serve


class PyTorchLoop(Contender):
    def start(self, model):
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        self.train_pass()

    def train_pass(self):
        self.model.train()
        for x, y in self.on_device():
            loss = self.loss(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            self.optimizer.zero_grad()
            loss.item()
            self.note_loss()

    def evaluate_pass(self):
        self.model.eval()
        with torch.no_grad():
            for x, y in self.on_device():
                self.loss(self.model(x), y).item()


serve(PyTorchLoop())
