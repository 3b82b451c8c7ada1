// Drives the Vercel AI SDK with its provider for OpenAI's responses.

import { createOpenAI } from "@ai-sdk/openai";
import { generateObject, generateText, jsonSchema, stepCountIs, streamText, tool as toolOf } from "ai";
import { drive, PERSON, tokens } from "./driving.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

const asked = (task) => ({
  model: createOpenAI({ baseURL: task.base_url, apiKey: "loopback" }).responses(task.model),
  prompt: task.prompt,
  maxRetries: 0,
});
const calls = (found) => found.map((call) => ({ name: call.toolName, arguments: call.input }));
const spent = (usage) => ({ usage: tokens(usage, "inputTokens", "outputTokens") });

// An error in a stream is told to `onError`, and else to nobody.
async function streamed(task, settings, read) {
  let failure;
  const result = streamText({ ...asked(task), ...settings, onError: ({ error }) => (failure = error) });
  const found = await read(result);
  if (failure) throw failure;
  return found;
}

async function joined(result) {
  let said = "";
  for await (const piece of result.textStream) said += piece;
  return said;
}

function tools(task, toolCalls) {
  const execute = async (input) => {
    toolCalls.push({ name: task.tool.name, arguments: input });
    return task.tool_output;
  };
  const { description, parameters } = task.tool;
  return { [task.tool.name]: toolOf({ description, inputSchema: jsonSchema(parameters), ...(toolCalls && { execute }) }) };
}

async function text(task) {
  return { text: (await generateText(asked(task))).text };
}

async function usage(task) {
  return spent((await generateText(asked(task))).usage);
}

async function stream(task) {
  return { text: await streamed(task, {}, joined) };
}

async function final(task) {
  return streamed(task, {}, async (result) => ({ text: await result.text, ...spent(await result.usage) }));
}

async function tool(task) {
  return { calls: calls((await generateText({ ...asked(task), tools: tools(task) })).toolCalls) };
}

async function toolsStream(task) {
  return streamed(task, { tools: tools(task) }, async (result) => ({ calls: calls(await result.toolCalls) }));
}

async function loop(task) {
  const toolCalls = [];
  const result = await generateText({ ...asked(task), tools: tools(task, toolCalls), stopWhen: stepCountIs(2) });
  return { text: result.text, calls: toolCalls };
}

async function structured(task) {
  const result = await generateObject({ ...asked(task), schema: jsonSchema(PERSON), schemaName: "person" });
  return { structured: result.object };
}

await drive("ai", {
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
