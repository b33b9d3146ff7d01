import { parentPort } from 'node:worker_threads';
import type { ParseAnswer, ParseJob } from './messages.ts';
import { parse } from './parse.ts';

const port = parentPort;
if (!port) throw new Error('This file runs as a worker thread of the parser pool only.');

port.on('message', async (job: ParseJob) => {
  port.postMessage(await answer(job));
});

async function answer(job: ParseJob): Promise<ParseAnswer> {
  try {
    return { id: job.id, problems: await parse(job) };
  } catch (error) {
    return { id: job.id, crash: error instanceof Error ? error.message : String(error) };
  }
}
