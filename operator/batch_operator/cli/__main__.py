"""`python -m batch_operator.cli`."""

from batch_operator.cli import main

main()
