"""Phone numbers."""

import phonenumbers
from phonenumbers import PhoneNumberType

_TEXTS = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def can_get_texts(number: str) -> bool:
    """True for a valid mobile number in the form +358401234567."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) in _TEXTS
