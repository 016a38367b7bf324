"""The same attack on several officials, found and shown as one."""
