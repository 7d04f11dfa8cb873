"""Queries for the sets that batches work on, in the family's vocabulary.

Each query is one table of filters (`vocabulary.Vocabulary`), from which its model (`models`) and its SQL (`selection`)
come. Nothing is loaded here: a worker runs chunks without any query.
"""
