"""Service requests and everything that hangs on one."""
