"""Who may speak, what they say about taste, and how many positions they can ever pay for."""
