"""Forms: what a FHIR R4 Questionnaire with Structured Data Capture (SDC) asks, and what answers to it mean.

The road: `reading` makes a `Form` of a Questionnaire and names what departs from the standard; a resident's `Answers`
lie flat, by address; `expand` lays form and answers side by side as `Instance`s; `computing` tells what is asked now
and what follows from the answers; `answering` reads what is typed and tells what is to be mended; `responding` makes
the QuestionnaireResponse to send; `desk` is for content owners who change a form. Everything here is pure: no database,
no clock of its own.
"""
