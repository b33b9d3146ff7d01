import type { Language } from '../model/findings.ts';

const byExtension: ReadonlyMap<string, Language> = new Map([
  ['js', 'javascript'],
  ['mjs', 'javascript'],
  ['cjs', 'javascript'],
  ['jsx', 'jsx'],
  ['ts', 'typescript'],
  ['mts', 'typescript'],
  ['cts', 'typescript'],
  ['tsx', 'tsx'],
  ['json', 'json'],
  ['geojson', 'json'],
  ['webmanifest', 'json'],
  ['ipynb', 'json'],
  ['jsonc', 'jsonc'],
  ['code-workspace', 'jsonc'],
  ['code-snippets', 'jsonc'],
  ['yaml', 'yaml'],
  ['yml', 'yaml'],
  ['py', 'python'],
  ['pyi', 'python'],
  ['pyw', 'python'],
]);

/** Files whose readers accept comments, whatever their extension says. */
const commentsAllowed = [
  /^(ts|js)config([.-].+)?\.json$/,
  /^\.(babelrc|eslintrc|jshintrc|jscsrc|swcrc|hintrc|mocharc|jsdoc|api-extractor)(\.json)?$/,
  /^(devcontainer|\.devcontainer|language-configuration|angular|deno|typedoc|api-extractor|nx|turbo|tslint)\.json$/,
  /^(babel\.config|wrangler|tsdoc|tsdoc-metadata|rush)\.json$/,
];

/** Their folder decides that comments are allowed. */
const commentsAllowedIn = [
  /(^|\/)\.(vscode|devcontainer|zed|cursor)\/(.*\/)?[^/]*\.json$/,
  /(^|\/)common\/config\/rush\/.*\.json$/,
  /(^|\/)(Code|VSCodium|Cursor)( - Insiders)?\/User\/.*\.json$/,
];

/** Configuration files without extension that are JSON with comments or YAML, as their author likes. */
const jsonOrYaml = /^\.(eslintrc|prettierrc|stylelintrc|lintstagedrc|nycrc|markdownlintrc|commitlintrc|releaserc)$/;

const yamlNames = /^(\.clang-format|\.clang-tidy|\.yamllint|\.clangd|CITATION\.cff)$/;

/**
 * The language a file is checked as, or null when no parser here knows it.
 * @param path with `/` or `\` between folders
 * @param text its contents, where the name alone does not tell
 */
export function languageOf(path: string, text?: string): Language | null {
  const slashed = path.replaceAll('\\', '/');
  const name = slashed.slice(slashed.lastIndexOf('/') + 1);
  if (jsonOrYaml.test(name)) return text === undefined || /^\s*[{[/]/.test(text) ? 'jsonc' : 'yaml';
  if (yamlNames.test(name)) return 'yaml';
  if (commentsAllowed.some((pattern) => pattern.test(name))) return 'jsonc';
  const dot = name.lastIndexOf('.');
  const language = dot < 0 ? undefined : byExtension.get(name.slice(dot + 1).toLowerCase());
  if (language === undefined) return null;
  if (language === 'json' && commentsAllowedIn.some((pattern) => pattern.test(slashed))) return 'jsonc';
  return text !== undefined && isSomethingElse(slashed, language, text) ? null : language;
}

/** Files that share an extension with a language but are not written in it. */
function isSomethingElse(path: string, language: Language, text: string): boolean {
  // Qt keeps its translations as XML in .ts files.
  if (language === 'typescript') return /^\s*<(\?xml|!DOCTYPE)\s/.test(text);
  // Helm charts and cookiecutter folders hold templates of YAML, Python …, which become that language once rendered.
  if (path.includes('{{')) return true;
  return language === 'yaml' && /(^|\/)templates\//.test(path) && /\{\{[-\s.]/.test(text);
}
