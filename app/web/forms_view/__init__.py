"""A form on a page: names of fields, what was sent, words for problems, and views for the macros of
`templates/components/form_fields.html`."""
