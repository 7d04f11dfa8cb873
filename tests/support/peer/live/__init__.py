"""A batch and a running Java engine on one database, at one time, and what must be true of it afterwards."""
