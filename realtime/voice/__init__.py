"""What a voice does to the face: hearing it as it comes, and the edit that follows from it."""
