"""The web edges of the shop: what the sites of resellers send, and what they are answered."""
