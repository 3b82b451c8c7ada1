"""Words that escaping harms, beside the answers that all areas share."""

from conformance.scenarios.scenario import ask

SPECIAL_TEXT = ask(
    "special-text",
    'Reply with exactly: if a < b && c > "d" then 5\'6 & C:\\new',
    area="response_consistency",
    output_tokens=40,
)
