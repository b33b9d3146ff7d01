import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type * as z from 'zod';
import { type WorkspaceConfiguration, workspaceConfigurationSchema } from '../../core/model/workspace-configuration.ts';

/** Something wrong in a configuration file. Zero-based line and character. */
export interface ConfigurationProblem {
  readonly line: number;
  readonly character: number;
  readonly message: string;
}

export interface ParsedConfiguration {
  /** Undefined where something is wrong: then none of it counts. */
  readonly values: WorkspaceConfiguration | undefined;
  readonly problems: readonly ConfigurationProblem[];
}

/** Parses the text of a configuration file (JSON with comments and trailing commas). An empty file says nothing. */
export function parseConfiguration(text: string): ParsedConfiguration {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const [error] = errors;
  if (error) {
    return wrong([
      { ...placeOf(text, error.offset), message: `This is no JSON: ${printParseErrorCode(error.error)}.` },
    ]);
  }
  if (!tree) return { values: {}, problems: [] };
  const parsed = workspaceConfigurationSchema.safeParse(dataOf(tree));
  if (parsed.success) return { values: parsed.data, problems: [] };
  return wrong(parsed.error.issues.flatMap((issue) => describe(text, tree, issue)));
}

const wrong = (problems: readonly ConfigurationProblem[]): ParsedConfiguration => ({ values: undefined, problems });

function describe(text: string, tree: Node, issue: z.core.$ZodIssue): ConfigurationProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const allowed = Object.keys(workspaceConfigurationSchema.shape).filter((key) => key !== '$schema');
    return issue.keys.map((key) => {
      const node = findNodeAtLocation(tree, [...issue.path.map(segment), key]);
      const place = placeOf(text, node?.parent?.offset ?? tree.offset);
      const message =
        issue.path.length > 0
          ? `"${issue.path.map(String).join('.')}" has no "${key}".`
          : `"${key}" is no setting; these are: ${allowed.join(', ')}.`;
      return { ...place, message };
    });
  }
  const node = findNodeAtLocation(tree, issue.path.map(segment)) ?? tree;
  const name = issue.path.length > 0 ? `"${issue.path.map(String).join('.')}"` : 'The configuration';
  return [{ ...placeOf(text, node.offset), message: `${name}: ${issue.message}.` }];
}

const segment = (key: PropertyKey): string | number => (typeof key === 'number' ? key : String(key));

/** Plain data of a tree; a key such as "__proto__" is a key like any other. */
function dataOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(dataOf);
  if (node.type !== 'object') return node.value;
  const entries = (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
    key && value ? [[String(key.value), dataOf(value)] as const] : [],
  );
  return Object.fromEntries(entries);
}

function placeOf(text: string, offset: number): { line: number; character: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}
