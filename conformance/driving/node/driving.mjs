// What the drivers of Node's clients share: the protocol, and the shape of a structured answer.
//
// A driver first says who it is, in a line of JSON. Then it reads jobs, a line of JSON each, and answers each
// with one line: what it read (`text`, `calls`, `usage`, `structured`), or the `exception` that was raised.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const LONGEST = 4000; // characters of an exception's message

export const PERSON = {
  type: "object",
  properties: {
    name: { type: "string" },
    age: { type: "integer" },
    mood: { enum: ["calm", "merry"] },
    pets: {
      type: "array",
      items: {
        type: "object",
        properties: { kind: { type: "string" } },
        required: ["kind"],
        additionalProperties: false,
      },
    },
  },
  required: ["name", "age", "mood", "pets"],
  additionalProperties: false,
};

export function tokens(usage, taken, given) {
  return { input: usage?.[taken] ?? null, output: usage?.[given] ?? null };
}

export async function drive(name, jobs) {
  const file = new URL(`node_modules/${name}/package.json`, import.meta.url);
  const { version } = JSON.parse(readFileSync(file));
  say({ package: name, version, runtime: `Node ${process.versions.node}` });
  for await (const line of createInterface({ input: process.stdin })) {
    const task = JSON.parse(line);
    try {
      say({ job: task.job, ...(await jobs[task.job](task)) });
    } catch (error) {
      say({ job: task.job, exception: told(error) });
    }
  }
}

function told(error) {
  const message = String(error?.message ?? error);
  return { class: error?.name || error?.constructor?.name || typeof error, message: message.slice(0, LONGEST) };
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// A promise that nobody waits for may fail as well; the job that it belongs to tells by itself.
process.on("unhandledRejection", (error) => process.stderr.write(`${error?.stack ?? error}\n`));
