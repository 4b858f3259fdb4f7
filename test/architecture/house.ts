/**
 * Reads source files into what the architecture checks need: each file's imports (types, dynamic
 * imports and import types included), its exports' forms, its lines. TypeScript's own parser does
 * the reading, so that no spelling of an import escapes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import ts from 'typescript';

/** One file; paths are relative to the root of the house, with `/`. */
export interface SourceModule {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly ImportOf[];
  readonly tree: ts.SourceFile;
}

/** One import. `file` is the file it leads to, undefined for a package. */
export interface ImportOf {
  readonly specifier: string;
  readonly line: number;
  readonly file: string | undefined;
}

export type House = readonly SourceModule[];

/** All `.ts` files below a folder. */
export function readHouse(folder: string): House {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [relative(folder, file).split(sep).join('/'), readFileSync(file, 'utf8')]);
  return houseOf(Object.fromEntries(files) as Record<string, string>);
}

/** The same from texts by path, for fixtures. */
export function houseOf(texts: Readonly<Record<string, string>>): House {
  return Object.entries(texts)
    .map(([path, text]) => sourceModule(path, text))
    .sort((a, b) => a.path.localeCompare(b.path));
}

function sourceModule(path: string, text: string): SourceModule {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const imports: ImportOf[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = importedBy(node);
    if (specifier !== undefined) {
      const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
      imports.push({ specifier, line, file: fileOf(path, specifier) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { path, text, imports, tree };
}

function importedBy(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return textOf(node.moduleSpecifier);
  }
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : '(computed)';
  }
  if (ts.isExternalModuleReference(node)) return textOf(node.expression);
  if (!ts.isCallExpression(node)) return undefined;
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
  return isImport || isRequire ? (textOf(node.arguments[0]) ?? '(computed)') : undefined;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function fileOf(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}
