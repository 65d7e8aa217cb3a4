"""The borrower's own door: from basic facts over consents, papers and camera to the request, its answer and status."""
