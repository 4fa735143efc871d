"""Hearing the emotion in speech: from samples to seven probabilities, as the sound comes."""
