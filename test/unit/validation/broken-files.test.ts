import { describe, expect, it } from 'vitest';
import { checked, firstRange } from './checked.ts';

const broken: readonly (readonly [path: string, text: string, range: string])[] = [
  ['a.js', 'let x = ;\n', '0:8-0:9'],
  ['a.js', 'function f() {\n', '1:0-1:0'],
  ['a.js', "const '😀' + x = 1;", '0:6-0:10'],
  ['a.js', 'import a from "b";\nlet x = 1;\nlet x = 2;\n', '2:4-2:5'],
  ['a.js', 'x = /(/;', '0:5-0:6'],
  ['a.js', 'const a = <div>{</div>;', '0:17-0:18'],
  ['a.js', 'const a = <b>a > b</b>;', '0:15-0:16'],
  ['a.js', 'const a: string = 1;', '0:7-0:8'],
  ['a.js', 'class A { x = 1 y = 2 }', '0:16-0:17'],
  ['a.js', 'x = 1;\u0000', '0:6-0:7'],
  ['a.mjs', 'return 1;', '0:0-0:6'],
  ['a.mjs', 'with (a) {}', '0:0-0:4'],
  ['a.cjs', 'import a from "b";', '0:0-0:6'],
  ['a.jsx', 'const a = <a></b>;', '0:13-0:14'],
  ['a.ts', 'let x: = 1;', '0:7-0:8'],
  ['a.ts', 'interface A { b: string', '0:23-0:23'],
  ['a.ts', 'const a = b as;', '0:14-0:15'],
  ['a.ts', 'enum A { B = }', '0:13-0:14'],
  ['a.ts', 'const re = /[/;', '0:12-0:13'],
  ['a.ts', 'const re = /(?<a>.)(/u;', '0:11-0:12'],
  ['a.ts', 'function f<>() {}', '0:10-0:11'],
  ['a.ts', 'class A {\r\n  m( {}\r\n}\r\n', '2:0-2:1'],
  ['a.ts', 'let a: Map<string /* , */, >;', '0:25-0:26'],
  ['a.d.ts', 'export function f(: void;', '0:18-0:19'],
  ['a.tsx', 'const a = <div>{x</div>;', '0:19-0:22'],
  ['a.tsx', 'const a = <b>a } b</b>;', '0:15-0:16'],
  ['a.json', '', '0:0-0:0'],
  ['a.json', '{"a": 1,}', '0:8-0:9'],
  ['a.json', "{'a': 1}", '0:1-0:4'],
  ['a.json', '{"a": 1} // x', '0:9-0:13'],
  ['a.json', '{"a": 01}', '0:7-0:8'],
  ['a.json', '\ufeff{\r\n"a" 1}', '1:4-1:5'],
  ['a.json', '["tab\there"]', '0:1-0:11'],
  ['a.json', '[1] [2]', '0:4-0:5'],
  ['a.json', '[NaN]', '0:1-0:4'],
  ['tsconfig.json', '{"a": 1', '0:7-0:7'],
  ['a.jsonc', '{"a": /* 1}', '0:6-0:11'],
  ['a.yaml', 'a: b\n  c: d\n', '1:3-1:4'],
  ['a.yaml', 'a: [1, 2\nb: 3\n', '1:0-1:1'],
  ['a.yaml', 'a: "x\n', ''],
  ['a.yaml', 'a:\n\t- b\n', ''],
  ['a.yaml', 'a: 1\nb: 2\na: 3\n', '2:0-2:1'],
  ['a.yaml', '---\nx: 1\n---\nx: {y: 1, y: 2}\n', '3:10-3:11'],
  ['a.yaml', 'a: *none\n', '0:4-0:8'],
  ['a.yaml', 'a: &x 1\n---\nb: *x\n', '2:4-2:5'],
  ['a.py', 'print "x"\n', '0:6-0:9'],
  ['a.py', 'try:\n    pass\nexcept ValueError, e:\n    pass\n', '2:7-2:20'],
  ['a.py', 'x = "😀" +\n', '0:10-1:0'],
  ['a.py', 'def f(:\n    pass\n', '0:6-0:7'],
  ['a.py', 'if x:\ny = 1\n', '1:0-1:1'],
  ['a.py', 'return 1  # noqa\n', '0:0-0:8'],
  ['a.py', 'f"{a b}"\n', '0:5-0:6'],
  ['a.py', 'x = 1\r\ny = (\r\n', '2:0-2:0'],
  ['a.pyi', 'def f(a: int -> str: ...\n', ''],
];

describe('a broken file', () => {
  it.each(broken)('fails where it is broken: %s %j', async (path, text, range) => {
    const report = await checked(path, text);
    expect(report.status).toBe('failed');
    expect(report.findings[0]).toMatchObject({ criterion: 'syntax', severity: 'error' });
    if (range) expect(firstRange(report)).toBe(range);
  });

  it('of JavaScript never fails for one goal when it is correct for the other, but does when it mixes both', async () => {
    expect((await checked('a.js', 'await x; export {};')).status).toBe('passed');
    expect((await checked('a.js', 'return; with (a) {}')).status).toBe('passed');
    expect((await checked('a.js', 'export {}; return;')).status).toBe('failed');
  });

  it('says once for each place what is wrong with a JSON file', async () => {
    const { findings } = await checked('a.json', '{"a": 1,}');
    expect(findings.map(({ message }) => message)).toEqual(['A property name in double quotes is expected here.']);
  });
});

describe('what is suspicious only', () => {
  it.each([
    ['a.json', '{"a": 1, "b": {"a": 1}, "a": 2}', 'json/duplicate-key', '0:24-0:27'],
    ['a.yaml', 'a: [\n  1\n]\nb:\n  c: [\n    1\n  ]\n', 'yaml/indentation', '2:0-2:0'],
    ['a.py', 'try:\n  pass\nexcept OSError, KeyError:\n  pass\n', 'python/needs-3.14', '2:7-2:24'],
  ])('is a warning and passes: %s %j', async (path, text, rule, range) => {
    const report = await checked(path, text);
    expect(report.findings[0]).toMatchObject({ rule, severity: 'warning' });
    expect(report.status).toBe('passed');
    expect(firstRange(report)).toBe(range);
  });
});
