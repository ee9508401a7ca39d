"""The Finnish Service Catalogue (Suomi.fi, PTV): services, channels, organisations, code lists."""
