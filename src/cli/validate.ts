import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OrchestratorError } from '../core/model/error.ts';
import { formatReport } from '../core/validation/report.ts';
import { validatePaths } from '../node/validate-paths.ts';
import { parse, wrongUse } from './arguments.ts';
import type { Command } from './command.ts';

export const validateCommand: Command = {
  summary: "check files' syntax, without Claude",
  help: `Usage: claude-orchestrator validate [--level basic] [--format text|json] [--files-from FILE] PATH…

Checks JavaScript, JSX, TypeScript, TSX, JSON, YAML and Python with real parsers, inside a
repository or not. --files-from has one path a line.

Exit code: 0 no file failed, 1 a file failed, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, {
      level: { type: 'string' },
      format: { type: 'string' },
      'files-from': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    });
    const format = values.format ?? 'text';
    if (format !== 'text' && format !== 'json') throw wrongUse(`--format is text or json, not "${format}".`);
    if (values.level !== undefined && values.level !== 'basic')
      throw wrongUse(`--level is basic, not "${values.level}".`);
    const listed = values['files-from'] === undefined ? [] : await readList(resolve(context.cwd, values['files-from']));
    const paths = [...listed, ...positionals];
    if (paths.length === 0) throw wrongUse('Name at least one file.');
    const report = await validatePaths(paths, { cwd: context.cwd, parsers: context.parsers, signal: context.signal });
    context.terminal.out(format === 'json' ? JSON.stringify(report) : formatReport(report).trimEnd());
    return report.summary.failed > 0 ? 1 : 0;
  },
};

async function readList(file: string): Promise<string[]> {
  try {
    const text = await readFile(file, 'utf8');
    return text
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '');
  } catch (cause) {
    throw new OrchestratorError(
      'wrong-use',
      `The list ${file} can not be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}
