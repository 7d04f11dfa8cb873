"""What a Batch goes through: what is observed of it, what is decided, what is shown. Pure, and without a cluster."""
