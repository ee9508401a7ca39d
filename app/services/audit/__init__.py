"""The audit trail: written, signed, sealed, verified, and read by auditors and by the person it is about."""
