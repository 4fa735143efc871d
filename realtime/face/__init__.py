"""One face: its points, pose and expression, the edit of them, and the pixels that follow."""
