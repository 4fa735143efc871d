"""``visavis bench kernels``: each fused operation beside those that one would use instead."""
