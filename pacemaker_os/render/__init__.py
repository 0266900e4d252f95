"""Plans, status and graphs for people: terminal, JSON, DOT and HTML. The only room that knows rich."""
