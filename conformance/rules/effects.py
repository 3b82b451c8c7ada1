"""Whether an answer follows what its request asks of the model, so that no further attempt is needed."""

from conformance.exchange import Exchange
from conformance.response import Body
from conformance.rules.answer import answer_of
from conformance.rules.structured_output import text_fits_the_format
from conformance.rules.tools import arguments_fit_the_tool, calls_follow_the_choice


def ignores_request(exchange: Exchange) -> bool:
    """Whether an answer shows that format, tool choice or stop were not followed: worth a further attempt."""
    answer, sent = answer_of(exchange), exchange.sent_json
    if answer is None or not isinstance(sent, dict):
        return False
    layout = (sent.get("text") or {}).get("format") or {}
    stop = sent.get("stop")
    return (
        any(text_fits_the_format(answer, layout))
        or any(calls_follow_the_choice(answer, sent.get("tool_choice")))
        or any(arguments_fit_the_tool(answer, sent.get("tools") or ()))
        or (isinstance(stop, str) and stop != "" and _ends_elsewhere(answer, stop))
        or (sent.get("parallel_tool_calls") is False and len(answer.of_type("function_call")) > 1)
    )


def _ends_elsewhere(answer: Body, stop: str) -> bool:
    """Whether a text that was ordered word by word is not what stands before the stop sequence."""
    asked = answer.asked.get("input")
    ordered = asked[-1].get("content") if isinstance(asked, list) and asked else asked
    wanted = str(ordered).partition("exactly: ")[2].partition(stop)[0]
    return answer.text.strip() != wanted.strip()
