"""Cases: what arrives and opens or joins one, and how staff see and follow them."""
