"""Checks for configurations that Pacemaker ignores or replaces, with a message only in its log.

Source: `pcmk__config_err()` and `pcmk__config_warn()` in Pacemaker's lib/pengine and lib/pacemaker.
"""
