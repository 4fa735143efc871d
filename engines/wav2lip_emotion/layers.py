"""The three kinds of convolution that Wav2Lip's networks are made of."""

# ruff: noqa: TID253 - a module of networks; only who trains or exports imports it

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

Size = int | tuple[int, int]

LEAK = 0.01
"""Slope of the critic's rectifier below zero."""


class Conv(nn.Module):
    """Convolution, batch norm, rectifier; ``residual`` adds the input before the rectifier."""

    def __init__(
        self,
        inside: int,
        outside: int,
        kernel: int = 3,
        stride: Size = 1,
        padding: int = 1,
        *,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, kernel, stride, padding)
        self.norm = nn.BatchNorm2d(outside)
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """[N, inside, H, W] -> [N, outside, H / stride, W / stride]."""
        y = self.norm(self.conv(x))
        return functional.relu(y + x if self.residual else y)


class Deconv(nn.Module):
    """Transposed convolution, batch norm, rectifier."""

    def __init__(self, inside: int, outside: int, stride: int, padding: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(inside, outside, 3, stride, padding, stride - 1)
        self.norm = nn.BatchNorm2d(outside)

    def forward(self, x: Tensor) -> Tensor:
        """[N, inside, H, W] -> [N, outside, stride * H, stride * W]; without padding, H + 2."""
        return functional.relu(self.norm(self.conv(x)))


class PlainConv(nn.Module):
    """Convolution and leaky rectifier without a norm, for a critic."""

    def __init__(
        self,
        inside: int,
        outside: int,
        kernel: int,
        stride: int,
        padding: int,
        *,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, kernel, stride, padding)
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """[N, inside, H, W] -> [N, outside, H / stride, W / stride]."""
        y = self.conv(x)
        return functional.leaky_relu(y + x if self.residual else y, LEAK)


def stage(inside: int, outside: int, stride: Size, residuals: int) -> list[nn.Module]:
    """Return a convolution that changes size and channels, then residual ones that keep them."""
    return [Conv(inside, outside, stride=stride), *keep(outside, residuals)]


def keep(channels: int, residuals: int) -> list[nn.Module]:
    """Return residual convolutions that keep size and channels."""
    return [Conv(channels, channels, residual=True) for _ in range(residuals)]
