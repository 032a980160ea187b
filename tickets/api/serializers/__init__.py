"""The forms of the API of requests: what is read, what is answered."""
