"""Open Sound Control: how stage, avatar and lighting programs read a face and move it."""
