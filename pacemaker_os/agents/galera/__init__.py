"""The galera agent.

position   the position of a node's data     decide     elections, and refusals to join
sql        MariaDB's client protocol         server     mariadbd on this node
haproxy    draining in haproxy               settings   the parameters
agent      the actions
"""
