"""The desk of content owners: forms imported, looked through, translated, reviewed by two, published and retired."""
