import type { ParserOptions, ParserPlugin } from '@babel/parser';
import type { ParseRequest, SyntaxProblem } from '../../core/ports/parsers.ts';
import { type BabelProblem, parseWithBabel } from './babel.ts';
import { Positions } from './positions.ts';

/** TypeScript, with JSX where the language is `tsx`. */
export function parseTypeScript({ language, path, text }: ParseRequest): SyntaxProblem[] {
  const declarations = /\.d\.([^./\\]+\.)?[cm]?ts$/i.test(path);
  // Decorators of parameters exist in the older proposal only, decorators behind `export` in the newer one only.
  const found = problems(text, language, declarations, 'decorators-legacy');
  const first = found.length > 0 && text.includes('@') ? problems(text, language, declarations, 'decorators') : found;
  const positions = new Positions(text);
  return (first.length === 0 ? first : found).slice(0, 20).map(({ message, offset }) => ({
    rule: 'typescript/syntax',
    severity: 'error',
    message,
    range: positions.wordAt(offset),
  }));
}

function problems(
  text: string,
  language: string,
  declarations: boolean,
  decorators: 'decorators' | 'decorators-legacy',
): BabelProblem[] {
  const plugins: ParserPlugin[] = [
    ['typescript', { dts: declarations }],
    decorators,
    'decoratorAutoAccessors',
    'deferredImportEvaluation',
    'sourcePhaseImports',
    ...(language === 'tsx' ? (['jsx'] as const) : []),
  ];
  const options: ParserOptions = {
    sourceType: 'unambiguous',
    allowReturnOutsideFunction: true,
    allowUndeclaredExports: true,
    plugins,
  };
  return parseWithBabel(text, options).problems.filter(({ reason }) => !leftToTheChecker(reason, text, declarations));
}

/** What Babel refuses and TypeScript's own parser takes: whether it is right there is a question of meaning. */
function leftToTheChecker(reason: string, text: string, declarations: boolean): boolean {
  if (reason === 'OverrideNotInSubClass') return true;
  // Declarations merge across kinds in ways Babel does not follow.
  const merging = declarations || /\b(declare|namespace|module)\b/.test(text);
  if (merging && (reason === 'VarRedeclaration' || reason === 'DuplicateExport')) return true;
  return (
    declarations && /^(EmptyTypeArguments|ConstInitializerMust.*|.*InAmbientContext.*|.*AmbientContext)$/.test(reason)
  );
}
