"""The operator in a cluster: it watches, looks at each object as a whole, and acts."""
