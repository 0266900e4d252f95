#!/bin/sh
# While packages are installed, no service is started.
exit 101
