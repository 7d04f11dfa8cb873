"""The Java engine as the peer that our engine is compared with: databases, the Java program, dumps, differences."""
