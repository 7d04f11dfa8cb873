"""What the benchmarks share: stocks, and the three that are measured on them."""
