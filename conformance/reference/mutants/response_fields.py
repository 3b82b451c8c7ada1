"""Mutants of the Response object's fields: missing, of another type, out of range."""

from conformance.contract.contracts import Contract
from conformance.reference.conversation import Json
from conformance.reference.mutants.mutant import Mutant
from conformance.reference.mutations import (
    change_final_snapshots,
    change_response,
    change_snapshots,
    combine,
    is_limited_and_unstreamed,
    is_unstreamed,
    map_field,
    remove_fields,
    set_field,
    when_status,
)
from conformance.reference.reply_mutations import change_replies, is_unstreamed_answer
from conformance.reference.stream_mutations import change_terminal_events


def _flat(response: Json) -> None:
    texts = [p.get("text", "") for i in response.get("output", ()) for p in i.get("content", ())]
    response["output"] = "".join(texts)


def _as_chat(response: Json) -> None:
    response["choices"] = response.pop("output")


def _failing_mutely(response: Json) -> None:
    response.update(status="failed", error={"code": "server_error"})


def _chat_usage(response: Json) -> None:
    usage = response["usage"]
    usage["prompt_tokens"] = usage.pop("input_tokens")
    usage["completion_tokens"] = usage.pop("output_tokens")


def _negative(response: Json) -> None:
    usage = response["usage"]
    usage["input_tokens"] = -usage["input_tokens"]
    usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "id-empty",
        "answers with an empty id",
        requirement="response.id",
        hooks=change_response(set_field("id", "")),
    ),
    Mutant(
        "id-missing",
        "leaves id out",
        requirement="response.id",
        hooks=change_final_snapshots(remove_fields("id")),
    ),
    Mutant(
        "id-wrong",
        "answers with id 17",
        requirement="response.id",
        hooks=change_final_snapshots(set_field("id", 17)),
    ),
    Mutant(
        "id-without-prefix",
        "gives ids of another form than the page's example",
        requirement="response.id-prefix",
        hooks=change_response(map_field("id", lambda i: i.removeprefix("resp_"))),
    ),
    Mutant(
        "chat-completion-answered",
        "answers with a chat completion",
        requirement="response.object",
        hooks=combine(
            change_final_snapshots(set_field("object", "chat.completion")), change_final_snapshots(_as_chat)
        ),
    ),
    Mutant(
        "object-missing",
        "leaves object out",
        requirement="response.object",
        hooks=change_final_snapshots(remove_fields("object")),
    ),
    Mutant(
        "object-wrong",
        "answers with object 'chat.completion'",
        requirement="response.object",
        hooks=change_final_snapshots(set_field("object", "chat.completion")),
    ),
    Mutant(
        "body-wrapped",
        "wraps the response into an envelope",
        requirement="response.object",
        hooks=change_replies(
            lambda r: r.with_body(b'{"code":0,"data":' + r.body + b"}"),
            when=lambda request, r: request.path == "/responses" and is_unstreamed_answer(request, r),
        ),
    ),
    Mutant(
        "created_at-missing",
        "leaves created_at out",
        requirement="response.created-at",
        hooks=change_final_snapshots(remove_fields("created_at")),
    ),
    Mutant(
        "created_at-wrong",
        "answers with created_at '2026-01-31T12:00:00Z'",
        requirement="response.created-at",
        hooks=change_final_snapshots(set_field("created_at", "2026-01-31T12:00:00Z")),
    ),
    Mutant(
        "created-at-float",
        "tells a fraction of a second",
        requirement="response.created-at",
        hooks=change_snapshots(map_field("created_at", lambda t: t + 0.25)),
        report="QuantumNous/new-api#6682",
    ),
    Mutant(
        "streamed-created-at-float",
        "tells created_at with a fraction in streams only",
        requirement="response.created-at",
        hooks=change_terminal_events(map_field("response.created_at", lambda t: t + 0.5)),
    ),
    Mutant(
        "model-empty",
        "answers with an empty model",
        requirement="response.model",
        hooks=change_snapshots(set_field("model", "")),
    ),
    Mutant(
        "model-missing",
        "leaves model out",
        requirement="response.model",
        hooks=change_final_snapshots(remove_fields("model")),
    ),
    Mutant(
        "model-wrong",
        "answers with model None",
        requirement="response.model",
        hooks=change_final_snapshots(set_field("model", None)),
    ),
    Mutant(
        "status-missing",
        "leaves status out",
        requirement="response.status",
        hooks=change_final_snapshots(remove_fields("status")),
    ),
    Mutant(
        "status-wrong",
        "answers with status 'succeeded'",
        requirement="response.status",
        hooks=change_final_snapshots(set_field("status", "succeeded")),
    ),
    Mutant(
        "status-queued",
        "answers that it is queued",
        requirement="response.status",
        hooks=change_final_snapshots(when_status("completed", set_field("status", "queued"))),
    ),
    Mutant(
        "status-upper-case",
        "spells the status in capitals",
        requirement="response.status",
        hooks=change_final_snapshots(map_field("status", str.upper)),
    ),
    Mutant(
        "output-text-only",
        "puts the text where the items belong",
        requirement="response.output",
        hooks=change_final_snapshots(_flat),
    ),
    Mutant(
        "output-missing",
        "leaves output out",
        requirement="response.output",
        hooks=change_final_snapshots(remove_fields("output")),
    ),
    Mutant(
        "output-wrong",
        "answers with output {}",
        requirement="response.output",
        hooks=change_final_snapshots(set_field("output", {})),
    ),
    Mutant(
        "cut-output-an-object",
        "tells the output of an answer that was cut as an object",
        requirement="response.output",
        hooks=change_final_snapshots(set_field("output", {"text": "1, 2, 3"}), is_limited_and_unstreamed),
    ),
    Mutant(
        "usage-missing",
        "leaves usage out",
        requirement="response.usage",
        hooks=change_final_snapshots(remove_fields("usage")),
    ),
    Mutant(
        "usage-wrong",
        "answers with usage None",
        requirement="response.usage",
        hooks=change_final_snapshots(set_field("usage", None)),
    ),
    Mutant(
        "text-of-wrong-type",
        "answers with text 'text'",
        requirement="response.page-keys",
        hooks=change_final_snapshots(set_field("text", "text")),
    ),
    Mutant(
        "reasoning-of-wrong-type",
        "answers with reasoning 'none'",
        requirement="response.page-keys",
        hooks=change_final_snapshots(set_field("reasoning", "none")),
    ),
    Mutant(
        "completed_at-of-wrong-type",
        "answers with completed_at 'now'",
        requirement="response.page-keys",
        hooks=change_final_snapshots(set_field("completed_at", "now")),
    ),
    Mutant(
        "completed-at-float",
        "was completed at a fraction of a second",
        requirement="response.page-keys",
        hooks=change_snapshots(map_field("completed_at", lambda t: t + 0.25)),
    ),
    Mutant(
        "incomplete_details-of-wrong-type",
        "answers with incomplete_details 'none'",
        requirement="response.incomplete-details-shape",
        hooks=change_final_snapshots(set_field("incomplete_details", "none")),
    ),
    Mutant(
        "error-without-message",
        "fails and tells a code only",
        requirement="response.error-shape",
        hooks=change_final_snapshots(when_status("completed", _failing_mutely)),
    ),
    Mutant(
        "response-error-a-string",
        "fails and tells the error as a string",
        requirement="response.error-shape",
        hooks=combine(
            change_final_snapshots(when_status("completed", set_field("error", "It broke."))),
            change_final_snapshots(when_status("completed", set_field("status", "failed"))),
        ),
    ),
    Mutant(
        "error-an-empty-string",
        "tells no error as an empty string",
        requirement="response.error-shape",
        hooks=change_final_snapshots(set_field("error", ""), is_unstreamed),
    ),
    Mutant(
        "temperature-of-wrong-type",
        "answers with temperature '1'",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("temperature", "1")),
    ),
    Mutant(
        "top_p-of-wrong-type",
        "answers with top_p '1'",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("top_p", "1")),
    ),
    Mutant(
        "tools-of-wrong-type",
        "answers with tools 'none'",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("tools", "none")),
    ),
    Mutant(
        "metadata-of-wrong-type",
        "answers with metadata 'none'",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("metadata", "none")),
    ),
    Mutant(
        "parallel_tool_calls-of-wrong-type",
        "answers with parallel_tool_calls 'true'",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("parallel_tool_calls", "true")),
    ),
    Mutant(
        "store-of-wrong-type",
        "answers with store 'true'",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("store", "true")),
    ),
    Mutant(
        "truncation-of-wrong-type",
        "answers with truncation 0",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("truncation", 0)),
    ),
    Mutant(
        "max_output_tokens-of-wrong-type",
        "answers with max_output_tokens '64'",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("max_output_tokens", "64")),
    ),
    Mutant(
        "instructions-of-wrong-type",
        "answers with instructions 1",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("instructions", 1)),
    ),
    Mutant(
        "previous_response_id-of-wrong-type",
        "answers with previous_response_id 1",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("previous_response_id", 1)),
    ),
    Mutant(
        "service_tier-of-wrong-type",
        "answers with service_tier 1",
        requirement="response.echo-types",
        hooks=change_final_snapshots(set_field("service_tier", 1)),
    ),
    Mutant(
        "usage-total-missing",
        "leaves the total out",
        requirement="usage.counts",
        hooks=change_final_snapshots(remove_fields("usage.total_tokens")),
    ),
    Mutant(
        "usage-input-missing",
        "leaves input_tokens out",
        requirement="usage.counts",
        hooks=change_final_snapshots(remove_fields("usage.input_tokens")),
    ),
    Mutant(
        "usage-output-missing",
        "leaves output_tokens out",
        requirement="usage.counts",
        hooks=change_final_snapshots(remove_fields("usage.output_tokens")),
    ),
    Mutant(
        "usage-of-chat",
        "counts prompt_tokens and completion_tokens",
        requirement="usage.counts",
        hooks=change_final_snapshots(_chat_usage),
    ),
    Mutant(
        "usage-strings",
        "tells counts as strings",
        requirement="usage.counts",
        hooks=change_final_snapshots(map_field("usage.input_tokens", str)),
    ),
    Mutant(
        "usage-floats",
        "tells counts with fractions",
        requirement="usage.counts",
        hooks=change_final_snapshots(map_field("usage.output_tokens", lambda n: n + 0.5)),
    ),
    Mutant(
        "usage-empty",
        "answers with an empty usage",
        requirement="usage.counts",
        hooks=change_final_snapshots(set_field("usage", {})),
    ),
    Mutant(
        "usage-negative",
        "bills fewer than no tokens",
        requirement="usage.counts",
        hooks=change_final_snapshots(_negative),
    ),
    Mutant(
        "usage-details-null",
        "answers with null details",
        requirement="usage.details-shape",
        hooks=change_final_snapshots(set_field("usage.input_tokens_details", None)),
    ),
    Mutant(
        "usage-input-details-missing",
        "leaves the input's details out",
        requirement="usage.details-there",
        hooks=change_final_snapshots(remove_fields("usage.input_tokens_details")),
        contract=Contract.OPENAI,
    ),
    Mutant(
        "usage-output-details-missing",
        "leaves the output's details out",
        requirement="usage.details-there",
        hooks=change_final_snapshots(remove_fields("usage.output_tokens_details")),
        contract=Contract.OPENAI,
    ),
)
