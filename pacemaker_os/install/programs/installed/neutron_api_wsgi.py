"""Neutron's packaged WSGI application, with SQLAlchemy's mappers configured before the first request.

Up to Neutron 26, a process answers /v2.0/ports with status 500 until another request has configured them.
"""

from __future__ import annotations

from runpy import run_path

from sqlalchemy.orm import configure_mappers

application = run_path("/usr/bin/neutron-api", run_name="neutron_api")["application"]
configure_mappers()
