/** The public API by name: a change of this snapshot is a change of what users rely on. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { doors } from './doors.js';
import { root } from './pack.mjs';

const run = promisify(execFile);
const declarations = doors.map(({ conditions }) => join(root, conditions['import']?.types ?? ''));
const program = ts.createProgram(declarations, {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  skipLibCheck: true,
  noEmit: true,
});
const checker = program.getTypeChecker();

describe.each(doors)('the door $name', ({ conditions }) => {
  const exported = exportsOf(join(root, conditions['import']?.types ?? ''));

  it('exports these names', () => {
    expect(exported.map(({ kind, name }) => `${kind} ${name}`)).toMatchSnapshot();
  });

  it.each(['import', 'require'])('exports the same values at run time (%s)', async (format) => {
    const values = exported.filter(({ isValue }) => isValue).map(({ name }) => name);
    const file = join(root, conditions[format]?.default ?? '');
    expect((await namesAtRunTime(file)).toSorted()).toEqual(values.toSorted());
  });
});

interface Exported {
  readonly name: string;
  readonly kind: string;
  readonly isValue: boolean;
}

function exportsOf(file: string): Exported[] {
  const source = program.getSourceFile(file);
  const symbol = source && checker.getSymbolAtLocation(source);
  if (symbol === undefined) throw new Error(`${file} exports nothing: run npm run build`);
  return checker
    .getExportsOfModule(symbol)
    .map((entry) => {
      const isAlias = (entry.flags & ts.SymbolFlags.Alias) !== 0;
      const { flags } = isAlias ? checker.getAliasedSymbol(entry) : entry;
      const isValue = (flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(entry);
      return { name: entry.name, kind: kindOf(flags), isValue };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

function isTypeOnly({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some(
    (declaration) =>
      ts.isExportSpecifier(declaration) &&
      (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly),
  );
}

function kindOf(flags: ts.SymbolFlags): string {
  if (flags & ts.SymbolFlags.Class) return 'class';
  if (flags & ts.SymbolFlags.Function) return 'function';
  if (flags & ts.SymbolFlags.Interface) return 'interface';
  if (flags & ts.SymbolFlags.TypeAlias) return 'type';
  return 'const';
}

/** In a process of Node, since jest cannot require an ES module. */
async function namesAtRunTime(file: string): Promise<string[]> {
  const script = `console.log(JSON.stringify(Object.keys(require(${JSON.stringify(file)}))))`;
  const { stdout } = await run(process.execPath, ['--no-warnings', '-e', script], { cwd: root });
  return (JSON.parse(stdout) as string[]).filter((name) => name !== '__esModule');
}
