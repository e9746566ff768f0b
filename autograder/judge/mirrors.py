"""Leaves of which both processes keep a copy, so that optimizers work on either side.

Both processes use this file.
"""

import torch

from autograder.judge.wire import Packer


class Mirrors(Packer):
    """One end of the line. `mirrors`: {key: [leaf, its numbers, its gradient as last sent]}."""

    def changed(self):
        """Return [[key, numbers, gradient]] of the leaves that the other side knows otherwise."""
        found = []
        for key, (leaf, numbers, gradient) in self.mirrors.items():
            if differ(leaf, numbers) or differ(leaf.grad, gradient):
                grad = None if leaf.grad is None else self.export_tensor(leaf.grad)
                found.append([key, self.export_tensor(leaf), grad])
                self.remember(key)
        return found

    def update(self, key, numbers, gradient):
        """Make a leaf here what it is on the other side."""
        leaf = self.mirrors[key][0]
        leaf.data.copy_(numbers)
        leaf.grad = gradient
        self.remember(key)

    def remember(self, key):
        leaf = self.mirrors[key][0]
        gradient = None if leaf.grad is None else leaf.grad.detach().clone()
        self.mirrors[key] = [leaf, leaf.detach().clone(), gradient]


def differ(a, b):
    return a is not b and (a is None or b is None or not torch.equal(a, b))
