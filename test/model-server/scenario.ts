import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import { nearest } from './nearest.ts';
import { placeholderNames, unknownPlaceholders } from './placeholders.ts';
import { type Rule, type Scenario, type ScenarioInput, scenarioSchema, stepSchema, whenSchema } from './schema.ts';

/** The scenario cannot be used; the message has one line for each mistake, naming source, rule and field. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}

const partSchema = z.object({ name: z.string() });

function ruleLabel(data: unknown, index: number): string {
  const rules = z.object({ rules: z.array(z.unknown()) }).safeParse(data);
  const named = partSchema.safeParse(rules.success ? rules.data.rules[index] : undefined);
  return named.success ? `rule "${named.data.name}"` : `rule ${index + 1}`;
}

function place(data: unknown, path: readonly PropertyKey[]): string {
  const [head, index, ...rest] = path;
  if (head === 'rules' && typeof index === 'number') {
    const field = rest.map((part) => (typeof part === 'number' ? `[${part + 1}]` : `.${String(part)}`)).join('');
    return field === '' ? ruleLabel(data, index) : `${ruleLabel(data, index)}, ${field.replace(/^\./, '')}`;
  }
  return path.length === 0 ? 'top level' : path.map(String).join('.');
}

const keysOf = (schema: { shape: object }): string[] => Object.keys(schema.shape);

/** The keys allowed where `path` points: known for the places a person writes by hand, otherwise none. */
function allowedKeys(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return keysOf(scenarioSchema);
  if (path.length === 2) return ['name', 'when', 'answer'];
  if (path.at(-1) === 'when') return keysOf(whenSchema);
  if (path.at(-2) === 'answer') return keysOf(stepSchema);
  if (path.at(-1) === 'usage') return ['input', 'output', 'cacheRead', 'cacheWrite'];
  if (path.at(-1) === 'error') return ['status', 'type', 'message', 'headers'];
  if (path.at(-2) === 'tools') return ['name', 'input'];
  if (path.at(-1) === 'edit' || path.at(-2) === 'edit') return ['path', 'old', 'new', 'all'];
  return [];
}

function describe(data: unknown, issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    const allowed = allowedKeys(issue.path);
    return issue.keys.map((key) => {
      const suggestion = nearest(key, allowed);
      const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`;
      const list = allowed.length === 0 ? '' : ` (allowed: ${allowed.join(', ')})`;
      return `${place(data, issue.path)}: unknown key "${key}"${hint}${list}`;
    });
  }
  if (issue.code === 'invalid_union') {
    const deeper = issue.errors.flat().find((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys');
    if (deeper !== undefined) return describe(data, { ...deeper, path: [...issue.path, ...deeper.path] });
  }
  return [`${place(data, issue.path)}: ${issue.message}`];
}

const endings = ['error', 'drop', 'malformed', 'hang'] as const;
const speech = ['text', 'read', 'write', 'overwrite', 'edit', 'bash', 'tools', 'structured'] as const;

function contradictions(rule: Rule): string[] {
  const where = `rule "${rule.name}"`;
  const problems: string[] = [];
  for (const [index, step] of rule.answer.entries()) {
    const at = `${where}, answer[${index + 1}]`;
    const ends = endings.filter((key) => step[key] !== undefined);
    const says = speech.filter((key) => step[key] !== undefined);
    if (ends.length > 1) problems.push(`${at}: only one of ${ends.join(', ')} can happen`);
    if ((step.error ?? step.hang) !== undefined && says.length > 0) {
      problems.push(`${at}: "${ends[0]}" never reaches ${says.map((key) => `"${key}"`).join(', ')}`);
    }
    if (ends.length + says.length === 0) problems.push(`${at}: says nothing; give one of ${speech.join(', ')}`);
    for (const name of unknownPlaceholders(step)) {
      const suggestion = nearest(name, placeholderNames);
      const hint = suggestion === undefined ? '' : `; did you mean {{${suggestion}}}?`;
      problems.push(`${at}: unknown placeholder {{${name}}}${hint} (write \\{{${name}}} for the text itself)`);
    }
  }
  for (const pattern of Object.values(rule.when).flat()) {
    if (typeof pattern !== 'string' || !/^\/.+\/[a-z]*$/s.test(pattern)) continue;
    const end = pattern.lastIndexOf('/');
    try {
      new RegExp(pattern.slice(1, end), pattern.slice(end + 1));
    } catch (error) {
      problems.push(`${where}, when: ${pattern}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return problems;
}

function check(data: unknown, source: string): Scenario {
  const parsed = scenarioSchema.safeParse(data);
  const names = new Set<string>();
  const problems = parsed.success
    ? parsed.data.rules.flatMap((rule) => {
        const twice = names.has(rule.name) ? [`rule "${rule.name}": this name is used by an earlier rule`] : [];
        names.add(rule.name);
        return [...twice, ...contradictions(rule)];
      })
    : parsed.error.issues.flatMap((issue) => describe(data, issue));
  if (problems.length > 0 || !parsed.success) {
    throw new ScenarioError(problems.map((problem) => `${source}: ${problem}`).join('\n'));
  }
  return parsed.data;
}

/** Checks a scenario written in a test. Throws ScenarioError listing every mistake. */
export function defineScenario(scenario: ScenarioInput): Scenario {
  return check(scenario, scenario.name === undefined ? 'scenario' : `scenario "${scenario.name}"`);
}

/** Reads a scenario from a `.yaml`, `.yml` or `.json` file. Throws ScenarioError naming the file, rule and field. */
export function loadScenario(path: string): Scenario {
  const extension = extname(path).toLowerCase();
  if (!['.yaml', '.yml', '.json'].includes(extension)) {
    throw new ScenarioError(`${path}: a scenario is a .yaml, .yml or .json file`);
  }
  let data: unknown;
  try {
    const source = readFileSync(path, 'utf8');
    data = extension === '.json' ? JSON.parse(source) : load(source, { filename: path });
  } catch (error) {
    throw new ScenarioError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return check(data, path);
}
