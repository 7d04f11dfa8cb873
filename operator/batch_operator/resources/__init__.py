"""The resources `Batch` and `ProcessEngine`: one set of models for manifests, the operator and the CRDs.

Unknown fields are refused here and not by the API server, which would drop them silently for many clients: a manifest
without its misspelt filter, `exclude` or `dryRun` is another one.
"""
