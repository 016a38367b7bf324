"""Big batches: files of any size, sorted chunk by chunk on several processes or a Dask cluster, and taken up again."""
