"""oneSource's dashboard: exports in, findings out."""
