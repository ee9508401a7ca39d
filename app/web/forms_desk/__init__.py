"""The desk of content owners: words for what the reader notes, and the views of its pages."""
