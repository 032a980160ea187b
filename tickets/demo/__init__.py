"""The demo: customers, staff and two months of requests, told by walking the services."""
