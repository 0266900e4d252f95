"""Pacemaker's RELAX NG schemas: validation, and the version that introduced each feature."""
