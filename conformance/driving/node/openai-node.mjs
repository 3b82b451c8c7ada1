// Drives the OpenAI client for Node.

import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { drive, tokens } from "./driving.mjs";

const Person = z.object({
  name: z.string(),
  age: z.number().int(),
  mood: z.enum(["calm", "merry"]),
  pets: z.array(z.object({ kind: z.string() })),
});

const api = (task) => new OpenAI({ baseURL: task.base_url, apiKey: "loopback", maxRetries: 0 }).responses;
const asked = (task) => ({ model: task.model, input: task.prompt });
const calls = (output) =>
  output
    .filter((item) => item.type === "function_call")
    .map((call) => ({ name: call.name, arguments: call.arguments }));

async function text(task) {
  return { text: (await api(task).create(asked(task))).output_text };
}

async function usage(task) {
  return { usage: tokens((await api(task).create(asked(task))).usage, "input_tokens", "output_tokens") };
}

async function stream(task) {
  let said = "";
  for await (const event of await api(task).create({ ...asked(task), stream: true })) {
    if (event.type === "response.output_text.delta") said += event.delta;
  }
  return { text: said };
}

async function final(task) {
  const answer = await api(task).stream(asked(task)).finalResponse();
  return { text: answer.output_text, usage: tokens(answer.usage, "input_tokens", "output_tokens") };
}

async function tool(task) {
  return { calls: calls((await api(task).create({ ...asked(task), tools: [task.tool] })).output) };
}

// As the documentation gathers them.
async function toolsStream(task) {
  const gathered = {};
  for await (const event of await api(task).create({ ...asked(task), tools: [task.tool], stream: true })) {
    if (event.type === "response.output_item.added" && event.item.type === "function_call") {
      gathered[event.output_index] = { name: event.item.name, arguments: "" };
    } else if (event.type === "response.function_call_arguments.delta") {
      gathered[event.output_index].arguments += event.delta;
    }
  }
  return { calls: Object.values(gathered) };
}

async function loop(task) {
  const input = [{ role: "user", content: task.prompt }];
  const toolCalls = [];
  const request = { model: task.model, tools: [task.tool], store: false };
  const first = await api(task).create({ ...request, input });
  input.push(...first.output);
  for (const item of first.output) {
    if (item.type !== "function_call") continue;
    toolCalls.push({ name: item.name, arguments: JSON.parse(item.arguments) });
    input.push({ type: "function_call_output", call_id: item.call_id, output: task.tool_output });
  }
  return { text: (await api(task).create({ ...request, input })).output_text, calls: toolCalls };
}

async function structured(task) {
  const answer = await api(task).parse({ ...asked(task), text: { format: zodTextFormat(Person, "person") } });
  return { structured: answer.output_parsed };
}

await drive("openai", {
  text,
  usage,
  stream,
  final,
  tool,
  "tools-stream": toolsStream,
  loop,
  structured,
  refusal: text,
  cut: stream,
});
