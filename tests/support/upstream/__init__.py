"""The Java engine's own tests with our engine underneath: the process that answers, the catalogue, the JVM."""
