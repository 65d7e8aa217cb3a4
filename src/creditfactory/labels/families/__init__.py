"""The families of labels, one file a source: what is counted, over which lines and windows, and what it means."""
