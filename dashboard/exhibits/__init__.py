"""One module a topic, one function an exhibit: fetch, words, chart. Never a screen."""
