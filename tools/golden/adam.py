"""Adam as PyTorch 0.4.1 stepped, and as it steps today."""

import torch


class Adam:
    """One state a parameter, begun with its first gradient; a parameter without one is left alone.

    PyTorch 0.4.1 adds epsilon to the square root of the second moment *before* its bias is
    corrected; since 1.3 (`epsilon_corrected`) it is added after. In the first step that is an
    epsilon about 32 times as large, which gradients below 1e-5 feel. A parameter that has once had
    a gradient keeps moving by its moments when the gradient is zero: the program zeroes gradients
    and never removes them, so each head goes on moving while the other trains.
    """

    def __init__(self, parameters, learning_rate, epsilon_corrected=False):
        self.parameters = list(parameters)
        self.learning_rate = learning_rate
        self.betas = (0.9, 0.999)
        self.epsilon = 1e-8
        self.epsilon_corrected = epsilon_corrected
        self.states = {}

    def zero_gradients(self):
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.grad.zero_()

    @torch.no_grad()
    def step(self):
        for index, parameter in enumerate(self.parameters):
            gradient = parameter.grad
            if gradient is None:
                continue
            zeros = torch.zeros_like(parameter)
            first, second, step = self.states.get(index, (zeros, zeros, 0))
            step += 1
            first = self.betas[0] * first + (1 - self.betas[0]) * gradient
            second = self.betas[1] * second + (1 - self.betas[1]) * gradient * gradient
            self.states[index] = (first, second, step)
            correction1 = 1 - self.betas[0] ** step
            root2 = (1 - self.betas[1] ** step) ** 0.5
            epsilon = self.epsilon if self.epsilon_corrected else self.epsilon / root2
            scale = second.sqrt() / root2 + epsilon
            parameter -= self.learning_rate * (first / correction1) / scale
