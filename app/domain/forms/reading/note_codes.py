"""Everything that the reader may say about a Questionnaire; the words for each code are on the page."""

from collections.abc import Mapping

from app.domain.forms.notes import Note, Weight

NOTE_CODES: Mapping[str, Weight] = {
    # the file
    "not_json": "refused",
    "not_an_object": "refused",
    "not_a_questionnaire": "refused",
    "too_large": "refused",
    "too_deep": "refused",
    "too_many_items": "refused",
    "unusable_characters": "refused",
    "duplicate_key": "note",
    "duplicate_key_lost": "refused",
    "control_characters": "note",
    "from_stu3": "note",
    # the Questionnaire
    "no_items": "refused",
    "language_unknown": "unsupported",
    "title_missing": "note",
    "url_missing": "note",
    "retired": "note",
    "subject_not_person": "note",
    "derived_from": "note",
    "implicit_rules": "unsupported",
    # elements and extensions in general
    "element_unknown": "note",
    "element_of_r5": "note",
    "element_unreadable": "unsupported",
    "list_expected": "note",
    "boolean_as_text": "note",
    "number_as_text": "note",
    "text_as_number": "note",
    "value_type": "note",
    "extension_unknown": "note",
    "extension_unsupported": "unsupported",
    "modifier_extension": "refused",
    "formatting_ignored": "note",
    "support_link": "note",
    # items
    "item_unreadable": "refused",
    "link_id_missing": "refused",
    "link_id_twice": "refused",
    "link_id_as_number": "note",
    "type_missing": "refused",
    "type_unknown": "refused",
    "type_spelling": "note",
    "type_guessed": "note",
    "type_of_r5": "note",
    "text_missing": "note",
    "text_expression": "unsupported",
    "control_unknown": "note",
    "control_spelling": "note",
    "category_as_help": "note",
    "ignored_on_display": "note",
    "ignored_on_group": "note",
    "sub_questionnaire": "refused",
    # answers offered
    "option_unreadable": "unsupported",
    "option_without_code": "note",
    "option_twice": "unsupported",
    "options_not_for_type": "unsupported",
    "choice_without_options": "unsupported",
    "contained_missing": "refused",
    "value_set_not_resolved": "unsupported",
    "value_set_in_part": "unsupported",
    "options_from_conditions": "unsupported",
    "initial_unreadable": "unsupported",
    "initial_not_offered": "unsupported",
    "initial_too_many": "unsupported",
    # conditions
    "condition_unreadable": "refused",
    "condition_question_missing": "refused",
    "condition_on_no_question": "refused",
    "condition_operator": "refused",
    "condition_answer_missing": "refused",
    "condition_answer_type": "refused",
    "condition_not_ordered": "refused",
    "condition_on_unresolved": "refused",
    "condition_matched_loosely": "note",
    "condition_answer_not_offered": "note",
    "enable_behavior_missing": "note",
    "enable_behavior_spelling": "note",
    "enable_behavior_unknown": "refused",
    # expressions
    "enable_expression_lost": "refused",
    "expression_language": "unsupported",
    "expression_language_missing": "note",
    "expression_missing": "unsupported",
    "expression_needs_lost": "unsupported",
    "variable_without_name": "unsupported",
    "constraint_without_words": "unsupported",
    "constraint_location": "note",
    "constraint_severity": "note",
    # limits and units
    "bound_unreadable": "unsupported",
    "bounds_crossed": "unsupported",
    "regex_unusable": "unsupported",
    "regex_too_long": "unsupported",
    "regex_slow": "unsupported",
    "regex_wrapped": "note",
    "size_in_megabytes": "note",
    "file_types_not_taken": "unsupported",
    "occurs_without_repeats": "note",
    "occurs_without_required": "note",
    "occurs_too_many": "unsupported",
    "unit_value_set": "unsupported",
}
LONGEST_DETAIL = 200  # characters: enough to recognise the place


class Notes:
    """What has been found so far, each thing once."""

    def __init__(self) -> None:
        self._found: dict[Note, None] = {}
        self._once: set[tuple[str, str]] = set()

    def add(self, code: str, link_id: str = "", detail: object = "") -> None:
        """Note `code` of the item `link_id`."""
        self._found[Note(NOTE_CODES[code], code, link_id, str(detail)[:LONGEST_DETAIL])] = None

    def add_once(self, code: str, link_id: str, detail: str) -> None:
        """Note `code` where it was found first with this `detail`: what fills a form says little item by item."""
        if (code, detail) not in self._once:
            self._once.add((code, detail))
            self.add(code, link_id, detail)

    def all(self) -> tuple[Note, ...]:
        """All that was found, in the order of finding."""
        return tuple(self._found)
