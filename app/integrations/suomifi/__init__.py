"""The national Suomi.fi services that the window uses."""
