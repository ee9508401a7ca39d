"""An external booking back-end: free times, holds and appointments of another provider's system."""
