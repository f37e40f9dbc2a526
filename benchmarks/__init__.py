"""What the speed claims rest on: ratios measured in one run, beside the figures themselves."""
