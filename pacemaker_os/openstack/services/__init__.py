"""One service definition per module; openstack/definitions.py lists them."""
