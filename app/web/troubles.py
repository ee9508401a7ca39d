"""What can go wrong, in words: the sentences of the error pages."""

from dataclasses import dataclass, replace

from app.web.i18n import N_


@dataclass(frozen=True)
class Trouble:
    """An error page: its status, what happened, what to do, and whether it may promise that nothing was lost.

    The texts are message ids; the page translates them.
    """

    status: int
    heading: str
    happened: str
    way_on: str
    nothing_lost: bool = True


NOT_FOUND = Trouble(
    404,
    N_("We can't find that page"),
    N_("The page may have moved, or the address may be mistyped."),
    N_("Start from the front page, or search there."),
)
BAD_REQUEST = Trouble(
    400,
    N_("We could not read what was sent"),
    N_("Something in the form or the address was not as we expect it."),
    N_("Go back to the page before and try again."),
)
RIGHT_LOST = Trouble(
    403,
    N_("You can't act for this person any more"),
    N_("Suomi.fi or our own records don't show a right any more. Nothing was changed."),
    N_("You are back in your own matters. Call us if you think that this is wrong."),
    nothing_lost=False,
)
NO_RIGHT = Trouble(
    403,
    N_("You can't do this for the other person here"),
    N_("Your right to act does not cover this matter. Nothing was changed."),
    N_("Call us, or ask us to contact you: we find another way with you."),
)
FORM_EXPIRED = Trouble(
    400,
    N_("This form is too old to be sent"),
    N_("It was open for a long time, or you have signed in or out since you opened it."),
    N_("Go back to the page before, load it again and send the form anew."),
)
FOREIGN_ORIGIN = Trouble(
    403,
    N_("This did not come from our own page"),
    N_("For your safety we only accept forms that are sent from this service."),
    N_("Open the page here and send the form again."),
)
TOO_LARGE = Trouble(
    413,
    N_("That was too much at once"),
    N_("What was sent is larger than this form can take."),
    N_("Go back and send less at once: a shorter text, or one file."),
)
TOO_MANY_FIELDS = Trouble(
    413,
    N_("That was too much at once"),
    N_("The page had more fields than we can take at once. Nothing was saved from it. Other pages are as they were."),
    N_("Go back and remove rows that you don't need."),
)
TOO_MANY_DRAFTS = Trouble(
    409,
    N_("No more forms can be begun here just now"),
    N_("In this browser many forms have been begun and not sent. They are all still here."),
    N_("Open a form that you have begun and go on with it. What is not sent is deleted after 7 days at the latest."),
    nothing_lost=False,
)
DRAFT_GONE = Trouble(
    404,
    N_("This form is not open here any more"),
    N_(
        "It may have been sent or deleted, perhaps in another tab, or you have been signed out. A notice of concern is"
        " kept only while it is filled in. What was written or chosen now was not saved."
    ),
    N_("You can fill in the form again. If you are not sure whether it was sent, call us."),
    nothing_lost=False,
)
SIGN_IN_LOST = Trouble(
    400,
    N_("Signing in was not completed"),
    N_("The way back from signing in was too old, used already, or from another browser."),
    N_("Sign in again. Your answers in this browser are still here."),
)
PERSON_DECEASED = Trouble(
    403,
    N_("We can't sign you in"),
    N_("According to the population register, the holder of this identity has died."),
    N_("If this is wrong, or you handle the person's matters, call us. We help you."),
    nothing_lost=False,
)
TOO_LATE = Trouble(
    409,
    N_("This time can't be cancelled here any more"),
    N_("It is so near, or has begun, that we must agree on it by phone."),
    N_("Call us: we cancel the time for you."),
)
ALREADY_SETTLED = Trouble(
    409,
    N_("This time has been booked or cancelled already"),
    N_("You may have done it in another window. What you wrote now was not added."),
    N_("You find the time in My window. Call us if the professional should know more."),
    nothing_lost=False,
)
FORMS_ONLY = Trouble(
    405,
    N_("This address takes forms only"),
    N_("It can't be opened by itself."),
    N_("Start from the front page."),
)
COLLISION = Trouble(
    409,
    N_("Somebody else was changing the same thing"),
    N_("Two changes met at the same moment, so we kept only the first one."),
    N_("Go back and try again."),
)
TOO_MANY = Trouble(
    429,
    N_("Please wait a moment"),
    N_("This came more often from your browser or your network than we can take at once."),
    # %(time)s: a time of day
    N_("Nothing has been lost. Go back to the page before and try again at %(time)s."),
)
BROKEN = Trouble(
    500,
    N_("Something went wrong on our side"),
    N_("We have been told about it."),
    N_("Try again in a moment, or call us."),
)
BUSY = replace(BROKEN, status=503)
