"""The operator in a cluster: it watches, observes each object as a whole, and acts."""
