// Drives Codex, as a program that is given one prompt. It always streams, and its tools are its own.

import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { drive, PERSON, tokens } from "./driving.mjs";

const PROGRAM = fileURLToPath(new URL("node_modules/@openai/codex/bin/codex.js", import.meta.url));

// No tool that a plain endpoint cannot have, no retries, nothing that calls home.
const settings = (task) => [
  `model="${task.model}"`,
  'model_provider="driven"',
  `model_providers.driven={name="driven",base_url="${task.base_url}",env_key="OPENAI_API_KEY",` +
    'wire_api="responses",request_max_retries=0,stream_max_retries=0,supports_websockets=false}',
  'web_search="disabled"',
  "features.multi_agent=false",
  "check_for_update_on_startup=false",
  "analytics.enabled=false",
];

async function run(task, schema) {
  const home = mkdtempSync(join(process.cwd(), "codex-"));
  const words = ["exec", "--json", "--skip-git-repo-check", "--sandbox", "read-only", "--cd", home];
  if (schema) {
    const file = join(home, "schema.json");
    writeFileSync(file, JSON.stringify(schema));
    words.push("--output-schema", file);
  }
  const options = settings(task).flatMap((each) => ["-c", each]);
  const child = spawn(process.execPath, [PROGRAM, ...words, ...options, task.prompt], {
    env: { ...process.env, CODEX_HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const read = { text: null, usage: null };
  let failure;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    const event = JSON.parse(line);
    if (event.type === "item.completed" && event.item?.type === "agent_message") read.text = event.item.text;
    if (event.type === "turn.completed") read.usage = tokens(event.usage, "input_tokens", "output_tokens");
    if (event.type === "turn.failed") failure = event.error?.message ?? "the turn failed";
  }
  if (failure) throw Object.assign(new Error(failure), { name: "turn.failed" });
  return read;
}

const text = (task) => run(task);

async function structured(task) {
  const read = await run(task, PERSON);
  return { ...read, structured: JSON.parse(read.text) };
}

await drive("@openai/codex", { text, stream: text, loop: text, structured });
