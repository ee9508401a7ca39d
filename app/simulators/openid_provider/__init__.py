"""An OpenID Provider with test persons in the place of credentials, used by residents' and by staff sign-in."""
