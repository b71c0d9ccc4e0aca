"""The judge: rules, trust, episodes. Never touches the network."""
