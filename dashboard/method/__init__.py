"""The methods that figures rest on: pure functions, each once, each with its source."""
