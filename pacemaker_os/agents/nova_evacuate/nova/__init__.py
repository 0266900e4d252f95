"""Nova's API: the session, the client, and what the engine writes into Nova."""
