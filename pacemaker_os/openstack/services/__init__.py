"""One page a service; openstack/catalogue.py lists them."""
