"""Stories that nobody thought of: the real services against a model of what is right, step after step."""
