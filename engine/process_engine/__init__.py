"""The operations of the Camunda 7 family on its own database schema."""
