#!/usr/bin/env node
// Stands for the CLI where only the supervisor is looked at: it does what the lines of its first argument say, and
// speaks the CLI's frames. `SAY n` prints a frame of n bytes.
import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [folder, ...script] = process.argv.slice(2);
const note = (text) => appendFileSync(`${folder}/notes`, `${text}\n`);
// Synchronous, so that nothing is lost when it exits.
const put = (text) => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
};
const say = (frame) => put(`${JSON.stringify(frame)}\n`);
const steps = [...script];
let asked = 0;

function go() {
  const [verb, value] = (steps.shift() ?? 'wait').split(' ');
  switch (verb) {
    case 'say': {
      say({
        type: 'assistant',
        message: { id: 'm', model: 'x', content: [{ type: 'text', text: 'x'.repeat(Number(value)) }] },
      });
      return go();
    }
    case 'result':
      say({ type: 'result', subtype: 'success', is_error: false, total_cost_usd: 0.01 });
      return go();
    case 'ask':
      asked += 1;
      say({
        type: 'control_request',
        request_id: `r${asked}`,
        request: { subtype: 'can_use_tool', tool_name: 'Bash', input: { command: 'ls' } },
      });
      return;
    case 'next':
      return;
    case 'exit':
      return process.exit(Number(value));
    case 'stderr':
      process.stderr.write(`${value}\n`);
      return go();
    case 'partial':
      put('{"type":"assi');
      return go();
    case 'environment':
      writeFileSync(`${folder}/environment.json`, JSON.stringify(process.env));
      return go();
    case 'stubborn':
      process.on('SIGTERM', () => note('was asked to end'));
      return go();
    case 'child': {
      // In a session of its own, deaf to SIGTERM, holding the output open: the worst a Bash call can leave.
      const child = spawn(
        'sh',
        ['-c', 'trap "" TERM HUP INT; echo child $$ >> "$0/notes"; while :; do sleep 0.2; done', folder],
        {
          detached: true,
          stdio: ['ignore', 'inherit', 'inherit'],
        },
      );
      child.unref();
      return go();
    }
    default:
      setInterval(() => undefined, 1000);
  }
}

note(`started ${process.pid}`);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    note(`heard ${line}`);
    go();
  })
  .on('close', () => {
    note('input ended');
    process.exit(0);
  });
