#!/bin/sh
# Packages must not start services while they are installed.
exit 101
