"""What operations are made of: how a manifest is read, what items are, and what becomes of each."""
