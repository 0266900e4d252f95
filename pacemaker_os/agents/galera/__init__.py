"""The galera agent: position (how far a node's data goes), decide (who bootstraps, who may join),
sql (MariaDB's protocol), server (mariadbd itself), settings (the parameters), agent (the actions)."""
