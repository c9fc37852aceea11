"""The app's screens: each shows states, and has wishes; none knows how they are fulfilled."""
