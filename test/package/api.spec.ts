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
  const file = join(root, conditions['import']?.types ?? '');
  const exported = exportsOf(file);

  it('exports these names', () => {
    expect(exported.map(({ kind, name }) => `${kind} ${name}`)).toMatchSnapshot();
  });

  it('exports each type that what it exports speaks of, or another door does', () => {
    expect(unreachableTypes(file)).toEqual([]);
  });

  it.each(['import', 'require'])('exports the same values at run time (%s)', async (format) => {
    const values = exported.filter(({ isValue }) => isValue).map(({ name }) => name);
    const code = join(root, conditions[format]?.default ?? '');
    expect((await namesAtRunTime(code)).toSorted()).toEqual(values.toSorted());
  });
});

interface Exported {
  readonly name: string;
  readonly kind: string;
  readonly isValue: boolean;
}

function exportsOf(file: string): Exported[] {
  return symbolsOf(file)
    .map((entry) => {
      const { flags } = target(entry);
      const isValue = (flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(entry);
      return { name: entry.name, kind: kindOf(flags), isValue };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

function symbolsOf(file: string): ts.Symbol[] {
  const source = program.getSourceFile(file);
  const symbol = source && checker.getSymbolAtLocation(source);
  if (symbol === undefined) throw new Error(`${file} exports nothing: run npm run build`);
  return checker.getExportsOfModule(symbol);
}

function target(symbol: ts.Symbol): ts.Symbol {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  return isAlias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** What a guard of one's own passes on to `super()` and does not look into. */
const opaque = new Set(['RequestScopes', 'FallbackHandlers']);

/** Types of ours in public signatures that no door gives. Constructors are Nest's to call. */
function unreachableTypes(file: string): string[] {
  const exported = new Set(symbolsOf(file).map(target));
  const given = new Set(declarations.flatMap(symbolsOf).map(target));
  const faults = new Set<string>();
  const visit = (node: ts.Node, owner: string): void => {
    if (ts.isConstructorDeclaration(node)) return;
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const name = ts.isTypeReferenceNode(node) ? node.typeName : node.expression;
      const symbol = checker.getSymbolAtLocation(name);
      if (
        symbol !== undefined &&
        !opaque.has(symbol.name) &&
        isOurs(target(symbol)) &&
        !given.has(target(symbol))
      ) {
        faults.add(`${owner} speaks of ${symbol.name}`);
      }
    }
    ts.forEachChild(node, (child) => visit(child, owner));
  };
  for (const symbol of exported) {
    for (const declaration of symbol.declarations ?? []) visit(declaration, symbol.name);
  }
  return [...faults];
}

function isOurs(symbol: ts.Symbol): boolean {
  const named = ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias;
  const files = (symbol.declarations ?? []).map((declaration) => declaration.getSourceFile());
  const isDeclaredHere = files.some(({ fileName }) => fileName.startsWith(join(root, 'dist')));
  return (symbol.flags & named) !== 0 && isDeclaredHere;
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
