"""Instance high availability: evacuation of instances after a compute node was fenced."""

from __future__ import annotations

from pacemaker_os.openstack.service import File, Service

#: Whether compute nodes share the local disks of instances.
SHARED = "{{ 'yes' if setting('instances_nfs_export') else setting('shared_instance_storage') }}"

CREDENTIALS = """\
OS_AUTH_URL={{ url('keystone', 5000) }}/v3
OS_USERNAME=nova
OS_PASSWORD={{ secret('nova') }}
OS_PROJECT_NAME=service
OS_USER_DOMAIN_NAME=Default
OS_PROJECT_DOMAIN_NAME=Default
OS_REGION_NAME={{ cloud.region }}
{% if ca %}
OS_CACERT={{ ca }}
{% endif %}
"""

SERVICE = Service(
    name="instance-ha",
    title="Instance high availability",
    needs=("nova",),
    readiness_resources=(),
    files=(File(path="/etc/pacemaker-os/nova.conf", content=CREDENTIALS, mode=0o600, roles=("controller",)),),
    extra_fencing_device={"compute": "fence-nova"},
    document={
        "resources": {
            # Records an evacuation request after the power is off.
            "fence-nova": {
                "agent": "stonith:fence_nova",
                "params": {"pcmk_host_list": "{{ hosts('compute') | map(attribute='name') | join(' ') }}"},
                "monitor": "60s",
            },
            "nova-evacuate": {
                "agent": "ocf:pacemaker-os:nova-evacuate",
                "params": {"shared_storage": SHARED},
                # When all controllers start at the same time, Pacemaker starts it first.
                "meta": {"priority": 100},
                "operations": {
                    "monitor": {"interval": "10s", "timeout": "30s"},
                    "start": {"timeout": "30s"},
                    "stop": {"timeout": "30s"},
                },
            },
        },
        # nova-compute does not start on a returned node while its instances are being evacuated.
        "location": [
            {
                "id": "not-before-evacuation",
                "resource": "nova-compute",
                "where": "defined nova-evacuation",
                "score": "-INFINITY",
            }
        ],
    },
)
