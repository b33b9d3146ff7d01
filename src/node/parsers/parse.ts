import type { ParseRequest, SyntaxProblem } from '../../core/ports/parsers.ts';
import { parseJson } from './json.ts';

/** Parses on the current thread. Each language's parser is loaded when its first file comes. */
export async function parse(request: ParseRequest): Promise<SyntaxProblem[]> {
  switch (request.language) {
    case 'json':
    case 'jsonc':
      return parseJson(request);
    case 'yaml':
      return (await import('./yaml.ts')).parseYaml(request);
    case 'python':
      return (await import('./python.ts')).parsePython(request);
    case 'typescript':
    case 'tsx':
      return (await import('./typescript.ts')).parseTypeScript(request);
    case 'javascript':
    case 'jsx':
      return (await import('./javascript.ts')).parseJavaScript(request);
  }
}
