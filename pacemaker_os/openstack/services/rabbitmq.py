"""RabbitMQ: the message broker, on every controller."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts import oslo_messaging
from pacemaker_os.openstack.service import File, Service

#: Loaded at every start, so a changed password needs no command, and no command line contains one.
#: The policy mirrors reply queues as well, although their process could recreate them: if it declares one
#: while its broker stops, the queue is "not found", and oslo.messaging gets no replies until it is restarted.
DEFINITIONS = """\
{
  "vhosts": [{"name": "/"}],
  "users": [{"name": "openstack", "password": "{{ secret('rabbitmq') }}", "tags": []}],
  "permissions": [
    {"user": "openstack", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
  ],
  "policies": [
{% if setting('queue_type') == 'mirrored' %}
    {"vhost": "/", "name": "ha-all", "pattern": "^(?!amq\\\\.).*", "apply-to": "queues",
     "definition": {"ha-mode": "all", "ha-sync-mode": "automatic"}, "priority": 0}
{% endif %}
  ]
}
"""

#: With keepalive, the broker closes connections to a node that lost power within ten seconds (see system.py)
#: and redelivers their messages; otherwise it waits for two heartbeats. The other options are defaults, which
#: the first tcp_listen_options line would unset.
CONFIGURATION = """\
load_definitions = /etc/rabbitmq/definitions.json
tcp_listen_options.keepalive = true
tcp_listen_options.backlog = 128
tcp_listen_options.nodelay = true
tcp_listen_options.linger.on = true
tcp_listen_options.linger.timeout = 0
tcp_listen_options.exit_on_close = false
"""

#: Brokers take over the queues of a node that lost power only after they detect the failure. The kernel does
#: so after ten seconds, even under load; Erlang alone takes about a minute. 6 and 18 are IPPROTO_TCP and
#: TCP_USER_TIMEOUT (in ms), for connections with unacknowledged data; keepalive is for idle ones.
ADVANCED = """\
[{kernel, [
  {inet_dist_connect_options, [{nodelay, true}, {keepalive, true}, {raw, 6, 18, <<10000:32/native>>}]},
  {inet_dist_listen_options, [{nodelay, true}, {keepalive, true}, {raw, 6, 18, <<10000:32/native>>}]}
]}].
"""

SERVICE = Service(
    name="rabbitmq",
    title="RabbitMQ (message broker)",
    needs=("system",),
    readiness_resources=("rabbitmq",),
    packages={"controller": DistroNames(debian=("rabbitmq-server",), redhat=("rabbitmq-server",))},
    masked_units={"controller": DistroNames(debian=("rabbitmq-server",), redhat=("rabbitmq-server",))},
    files=(
        File(
            path="/etc/rabbitmq/rabbitmq-env.conf",
            content="NODENAME=rabbit@{{ host.name.partition('.')[0] }}\n",
            roles=("controller",),
        ),
        File(
            path="/etc/rabbitmq/rabbitmq.conf",
            content=CONFIGURATION,
            roles=("controller",),
        ),
        File(
            path="/etc/rabbitmq/advanced.config",
            content=ADVANCED,
            roles=("controller",),
        ),
        File(
            path="/etc/rabbitmq/definitions.json",
            content=DEFINITIONS,
            owner="root:rabbitmq",
            mode=0o640,
            roles=("controller",),
        ),
        File(
            path="/var/lib/rabbitmq/.erlang.cookie",
            content="{{ secret('erlang-cookie') }}",
            owner="rabbitmq:rabbitmq",
            mode=0o400,
            roles=("controller",),
        ),
        *oslo_messaging.FILES,
    ),
    document={
        "resources": {
            "rabbitmq": {
                "agent": "ocf:pacemaker-os:rabbitmq",
                "params": {"niceness": "{{ setting('backend_niceness') }}"},
                "operations": {
                    "monitor": [
                        {"interval": "10s", "timeout": "30s"},
                        {"interval": "60s", "timeout": "60s", "params": {"OCF_CHECK_LEVEL": 10}},
                    ],
                    "start": {"timeout": "180s"},
                    "stop": {"timeout": "120s"},
                },
                "clone": {"interleave": True},
            }
        },
        # The promotion of a database writes node attributes, which abort the current transition. Brokers must
        # start in parallel: if only some had been started, they would wait for the others and time out.
        "order": ["rabbitmq then galera (kind=Optional, symmetrical=false)"],
    },
)
