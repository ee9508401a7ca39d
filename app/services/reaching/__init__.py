"""How a resident is reached: proved numbers and addresses, what they have chosen, and notices that something waits."""
