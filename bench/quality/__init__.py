"""What the edit does to a face, measured: emotion, identity, speech, stillness."""
