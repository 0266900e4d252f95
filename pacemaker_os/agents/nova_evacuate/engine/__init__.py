"""The evacuation engine: one poll cycle, and its parts."""
