"""RabbitMQ: the message bus, on every controller."""

from __future__ import annotations

from pacemaker_os.openstack.families import DistroNames
from pacemaker_os.openstack.parts import oslo_messaging
from pacemaker_os.openstack.service import File, Service

#: Read at every boot, so that a changed password needs no command, and no command line ever has one.
#: Mirrored are queues of one process, too, though it could make them anew elsewhere: asked for while its
#: broker leaves, such a queue is "not found", and oslo.messaging then waits for every answer in vain until it
#: is restarted.
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

#: With keepalive the broker gives up within ten seconds (page system) who is on a node that has lost its
#: power, and has what it sent there done by others; without, it waits for two heartbeats. The other
#: options are the defaults, which the first of these lines would take away.
CONFIGURATION = """\
load_definitions = /etc/rabbitmq/definitions.json
tcp_listen_options.keepalive = true
tcp_listen_options.backlog = 128
tcp_listen_options.nodelay = true
tcp_listen_options.linger.on = true
tcp_listen_options.linger.timeout = 0
tcp_listen_options.exit_on_close = false
"""

#: What is a member's own on a node that has lost its power is another's only when the others know: the kernel
#: tells them after ten seconds, however busy they are; Erlang alone would take about a minute. 6 and 18 are
#: TCP and TCP_USER_TIMEOUT (ms), for when something is on its way; keepalive is for when nothing is.
ADVANCED = """\
[{kernel, [
  {inet_dist_connect_options, [{nodelay, true}, {keepalive, true}, {raw, 6, 18, <<10000:32/native>>}]},
  {inet_dist_listen_options, [{nodelay, true}, {keepalive, true}, {raw, 6, 18, <<10000:32/native>>}]}
]}].
"""

SERVICE = Service(
    name="rabbitmq",
    title="RabbitMQ (message bus)",
    needs=("system",),
    readiness_resources=("rabbitmq",),
    packages={"controller": DistroNames(debian=("rabbitmq-server",), redhat=("rabbitmq-server",))},
    masked_units={"controller": DistroNames(debian=("rabbitmq-server",), redhat=("rabbitmq-server",))},
    files=(
        File(
            path="/etc/rabbitmq/rabbitmq-env.conf",
            content="NODENAME=rabbit@{{ host.name }}\n",
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
        # A database that is promoted writes node attributes, which end the transition under way; the brokers
        # start side by side, and one that has begun would wait in vain for those that have not.
        "order": ["rabbitmq then galera (kind=Optional, symmetrical=false)"],
    },
)
