"""What a run reads out of an answer before it goes on: what builds on it, and whether it is tried again."""

from conformance.exchange import Exchange
from conformance.rules.answer import answer_of, says
from conformance.rules.effects import ignores_request
from conformance.scenarios.scenario import Behaviour, Earlier, FollowsRequest, Says, Shows


def earlier(exchange: Exchange) -> Earlier:
    """An exchange as the scenarios after it may build on it."""
    return Earlier(exchange, answer_of(exchange))


def shows(exchange: Exchange, behaviour: Behaviour) -> bool:
    """Whether an answer shows a behaviour, so that no further attempt is needed."""
    match behaviour:
        case Says(word):
            return says(exchange, word)
        case FollowsRequest():
            return not ignores_request(exchange)
        case Shows(of):
            answer = answer_of(exchange)
            return answer is not None and of(answer)
