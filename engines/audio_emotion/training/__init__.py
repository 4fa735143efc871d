"""Teaching the networks: the only part of this package that needs PyTorch."""
