"""The CIB as typed values: model, XML in and out, schema, references, comparison. Pure."""
