"""Where an answer comes from, in words: beside the question and among the answers to check."""

from app.domain.forms.answering.shown import number_shown
from app.domain.text import Language
from app.services.forms.earlier import Offer
from app.services.forms.measured import Measured
from app.services.forms.origins import Origin
from app.web.i18n import format_date_alone
from app.web.i18n import gettext as _


def origin_words(origin: Origin, language: Language) -> str:
    """One sentence: what has been filled in, from where and of when."""
    about = _about(origin, language)
    match origin.kind:
        case "form":
            return _("From the form of %(day)s. Check that it is still right.") % about
        case "other_form":
            return _("From the form “%(form)s” of %(day)s. Check that it is still right.") % about
        case "record":
            return _("From Kanta, measured %(day)s. Change it if it is not right any more.") % about
    return _("We knew this already. Check that it is still right.")


def offer_words(offer: Offer, answer: str, language: Language) -> str:
    """One sentence: what may be used, from where and of when."""
    about = {**_about(offer.origin, language), "answer": answer}
    return _("Earlier answer: %(answer)s (%(form)s, %(day)s)") % about


def measured_words(measured: Measured, language: Language) -> str:
    """One sentence: what stands in the record where it could not be filled in."""
    amount = f"{number_shown(measured.amount, language)} {measured.unit}"
    return _("In your Kanta record: %(amount)s, measured %(day)s.") % {
        "amount": amount,
        "day": format_date_alone(measured.on),
    }


def _about(origin: Origin, language: Language) -> dict[str, str]:
    return {"form": origin.titles.to(language), "day": format_date_alone(origin.at) if origin.at else ""}
