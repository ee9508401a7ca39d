"""What the reader notes about a Questionnaire, in words for the content owner: what was found, and what follows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.forms.notes import Weight
from app.domain.text import Language, Text
from app.web.i18n import N_
from app.web.i18n import gettext as _

WORDS: Mapping[str, str] = {
    # the file
    "not_json": N_("The file is not JSON that can be read."),
    "not_an_object": N_("The file is JSON, but no resource: it must hold one Questionnaire."),
    "not_a_questionnaire": N_("The file is another FHIR resource than a Questionnaire."),
    "too_large": N_("The file is larger than 5 MB."),
    "too_deep": N_("Items lie too deep within each other."),
    "too_many_items": N_("There are too many items for one form."),
    "unusable_characters": N_("The file has characters that cannot be stored."),
    "duplicate_key": N_("The same key stands twice in one object. The last one counts."),
    "duplicate_key_lost": N_("The same key stands twice in one object, and one of its contents would be lost."),
    "control_characters": N_("The file has control characters in its texts. They are left out."),
    "from_stu3": N_("The form is written as in FHIR STU3. It was changed to what means the same in R4."),
    # the Questionnaire
    "no_items": N_("The form has no items."),
    "language_unknown": N_("The file says a language that we do not use. The language that you chose is used."),
    "title_missing": N_("The form has no title. Its name is used."),
    "url_missing": N_("The form has no address of its own (url). It was given one."),
    "retired": N_("The file says that the form has been retired."),
    "subject_not_person": N_("The form is made for something else than a person. Here it is always about a person."),
    "derived_from": N_("The form is made from another form. Nothing is fetched from that one."),
    "implicit_rules": N_("The form names rules of its own for reading it. They are not followed."),
    # elements and extensions in general
    "element_unknown": N_("The standard does not know this element. It is left out."),
    "element_of_r5": N_("This element is one of FHIR R5. It is left out."),
    "element_unreadable": N_("The value of this element cannot be read. It is left out."),
    "list_expected": N_("A single value was read as a list of one."),
    "boolean_as_text": N_("True or false was written as text. It was read all the same."),
    "number_as_text": N_("A number was written as text. It was read all the same."),
    "text_as_number": N_("A text was written as a number. It was read all the same."),
    "value_type": N_("A value is of another type than the question. It was changed to fit."),
    "extension_unknown": N_("We do not know this extension. It is left out."),
    "extension_unsupported": N_("This extension is not supported. The form works without it."),
    "modifier_extension": N_("An extension changes the meaning of the element, and we do not know it."),
    "formatting_ignored": N_("Formatting of the text is left out. The words are shown plain."),
    "support_link": N_("A link to more information is left out."),
    # items
    "item_unreadable": N_("An item cannot be read."),
    "link_id_missing": N_("An item has no linkId."),
    "link_id_twice": N_("Two items have the same linkId."),
    "link_id_as_number": N_("The linkId was written as a number. It was read as text."),
    "type_missing": N_("The item does not say what type it is."),
    "type_unknown": N_("The item is of a type that does not exist."),
    "type_spelling": N_("The type was spelt in another way. It was understood."),
    "type_guessed": N_("The type did not fit what the item holds. A fitting one was chosen."),
    "type_of_r5": N_("The type is one of FHIR R5. The same of R4 is used."),
    "text_missing": N_("The question has no text. Add one before you publish."),
    "text_expression": N_("The text would be put together by an expression. The fixed text is shown."),
    "control_spelling": N_("How the item wishes to be shown was spelt in another way. It was understood."),
    "control_unknown": N_("We do not know how this item wishes to be shown. It looks like others of its type."),
    "category_as_help": N_("The words of the category are shown as help."),
    "ignored_on_display": N_("This has no meaning on a text that is only read. It is left out."),
    "ignored_on_group": N_("This has no meaning on a group. It is left out."),
    "sub_questionnaire": N_("The item stands for another form, which is not in the file."),
    # answers offered
    "option_unreadable": N_("An answer option cannot be read. It is left out."),
    "option_without_code": N_("An answer option has no code. It is known by its words."),
    "option_twice": N_("The same answer option stands twice. It is shown once."),
    "options_not_for_type": N_("A question of this type has no answer options. They are left out."),
    "choice_without_options": N_("The choice has no options. It is answered in one's own words."),
    "contained_missing": N_("The list of answers that the item names is not in the file."),
    "value_set_not_resolved": N_(
        "The list of answers lies elsewhere and is not fetched. The question is answered in one's own words."
    ),
    "value_set_in_part": N_(
        "Only a part of the list of answers is in the file. Other answers are written in one's own words."
    ),
    "options_from_conditions": N_(
        "The list of answers is kept elsewhere. Only those are offered that conditions speak of; others are written in"
        " one's own words."
    ),
    "initial_unreadable": N_("The proposed answer cannot be read. Nothing is proposed."),
    "initial_not_offered": N_("The proposed answer is not among the options. It is left out."),
    "initial_too_many": N_("There are more proposed answers than the question takes. The first one is used."),
    # conditions
    "condition_unreadable": N_("A condition for asking cannot be read."),
    "condition_question_missing": N_("A condition names a question that is not on the form."),
    "condition_on_no_question": N_("A condition names a group or a text, which nobody answers."),
    "condition_operator": N_("A condition compares in a way that does not exist."),
    "condition_answer_missing": N_("A condition does not say with what to compare."),
    "condition_answer_type": N_("A condition compares with a value of another type than the answer."),
    "condition_not_ordered": N_("A condition asks for larger or smaller where answers have no order."),
    "condition_on_unresolved": N_("A condition names an answer of a list that is not in the file."),
    "condition_matched_loosely": N_("A condition names an answer by code only. The option with this code is meant."),
    "condition_answer_not_offered": N_("A condition waits for an answer that is not among the options."),
    "enable_behavior_missing": N_("It is not said whether all conditions or any of them must hold. One is enough."),
    "enable_behavior_spelling": N_(
        "Whether all or any conditions must hold was spelt in another way. It was understood."
    ),
    "enable_behavior_unknown": N_("It can't be understood whether all conditions or any of them must hold."),
    # expressions
    "enable_expression_lost": N_("The expression that decides whether this is asked cannot be used."),
    "enable_unparsed": N_("The expression that decides whether this is asked is not FHIRPath."),
    "enable_too_long": N_("The expression that decides whether this is asked is too long."),
    "enable_pattern": N_("The expression that decides whether this is asked has a pattern (regex) that can't be used."),
    "expression_unparsed": N_("An expression is not FHIRPath. It gives nothing."),
    "expression_too_long": N_("An expression is too long. It gives nothing."),
    "expression_pattern": N_("An expression has a pattern (regex) that can't be used. It gives nothing."),
    "expression_language": N_("An expression is in a language other than FHIRPath. It is left out."),
    "expression_language_missing": N_("An expression does not say its language. It was read as FHIRPath."),
    "expression_missing": N_("An extension for an expression has none in it. It is left out."),
    "expression_needs_lost": N_("An expression needs a variable that was left out. It is left out too."),
    "variable_without_name": N_("A variable has no name. It is left out."),
    "constraint_without_words": N_("A rule between answers has no words for the resident. It is left out."),
    "constraint_location": N_("A rule says where its message belongs. It is shown at the item that has the rule."),
    "constraint_severity": N_(
        "A rule does not say clearly whether it warns or stops. Unless it only warns or informs, it stops."
    ),
    # limits and units
    "bound_unreadable": N_("A limit of the answer cannot be read. It is left out."),
    "bounds_crossed": N_("The lower limit is above the upper one. Both are left out."),
    "regex_unusable": N_("The pattern for the answer cannot be used. It is left out."),
    "regex_too_long": N_("The pattern for the answer (regex) is too long. It is left out."),
    "regex_slow": N_("The pattern for the answer (regex) could take too long to try. It is left out."),
    "regex_wrapped": N_("The pattern for the answer (regex) stood within other signs. They are left out."),
    "file_types_not_taken": N_("The kinds of file that are wanted are not taken here. Those that are can be added."),
    "size_in_megabytes": N_("The largest size of a file was read as megabytes."),
    "occurs_without_repeats": N_("The item says how often it may occur, but does not repeat."),
    "occurs_without_required": N_("The item says how often it must occur, but is not required."),
    "occurs_too_many": N_("The item must occur more often than we allow."),
    "unit_value_set": N_("The list of units lies elsewhere and is not fetched."),
}
GROUPS: tuple[Weight, ...] = ("refused", "unsupported", "note")


@dataclass(frozen=True)
class NoteView:
    """One note: the item that it is about (its linkId and its text), the words, and what stands in the file."""

    link_id: str
    text: str
    words: str
    found: str


@dataclass(frozen=True)
class NoteGroup:
    """The notes of one weight, under their title."""

    weight: Weight
    title: str
    notes: Sequence[NoteView]


def note_groups(
    notes: Sequence[Mapping[str, str]], titles: Mapping[str, Text], language: Language
) -> Sequence[NoteGroup]:
    """The notes as they are kept with a version, in groups, what was refused first. `titles`: the items' texts."""
    return [
        NoteGroup(weight, _group_title(weight), found)
        for weight in GROUPS
        if (found := list(_views(weight, notes, titles, language)))
    ]


def _views(
    weight: Weight, notes: Sequence[Mapping[str, str]], titles: Mapping[str, Text], language: Language
) -> Iterator[NoteView]:
    for note in notes:
        if note["weight"] == weight:
            link, words = note["link_id"], WORDS[note["code"]]
            yield NoteView(link, titles.get(link, Text()).to(language), _(words), note["detail"])


def _group_title(weight: Weight) -> str:
    return {
        "refused": _("Why this form can't be used"),
        "unsupported": _("What is not supported"),
        "note": _("What was read differently"),
    }[weight]
