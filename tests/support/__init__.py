"""What the test suites share: servers, rigs and readers."""
