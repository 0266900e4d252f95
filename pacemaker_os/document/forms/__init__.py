"""How each kind of object is read from a document and written to one."""
