/**
 * The rules of the house as functions from its files to the faults found, one sentence each.
 * Nothing here reads a disk, so that the rules themselves can be tried on fixtures.
 */
import ts from 'typescript';
import { type Arrow } from './arrows.js';
import type { House, ImportOf, SourceModule } from './house.js';

/** Imports that no arrow allows, files without a rule, imports that lead nowhere. */
export function forbiddenImports(
  house: House,
  arrows: readonly Arrow[],
  doors: readonly string[],
): string[] {
  const paths = new Set(house.map((module) => module.path));
  return house.flatMap((module) => {
    const arrow = arrows.find((candidate) => partOf(module.path, candidate.of) !== undefined);
    if (arrow === undefined) return [`${module.path}: no rule says what it may import`];
    const allowed = arrow.mayImport.map((pattern) =>
      pattern === 'own/' ? (partOf(module.path, arrow.of) ?? pattern) : pattern,
    );
    return module.imports.flatMap((imported) => {
      const place = `${module.path}:${imported.line}`;
      if (imported.file === undefined) {
        return allowed.some((pattern) => isPackage(imported.specifier, pattern))
          ? []
          : [`${place} imports ${imported.specifier}, which ${arrow.of} may not`];
      }
      if (!paths.has(imported.file)) return [`${place} imports ${imported.file}: no such file`];
      if (doors.includes(imported.file)) return [`${place} imports the door ${imported.file}`];
      return allowed.some((pattern) => isWithin(imported, pattern))
        ? []
        : [`${place} imports ${imported.file}, which ${arrow.of} may not`];
    });
  });
}

/** The part of the house that `pattern` names and `path` belongs to: `caches/file/` of such a pattern. */
function partOf(path: string, pattern: string): string | undefined {
  const expression = pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]+');
  const whole = pattern.endsWith('/') ? `^${expression}` : `^${expression}$`;
  return new RegExp(whole).exec(path)?.[0];
}

function isWithin(imported: ImportOf, pattern: string): boolean {
  const file = imported.file ?? '';
  return pattern === 'face' ? !file.includes('/') : partOf(file, pattern) !== undefined;
}

function isPackage(specifier: string, pattern: string): boolean {
  return pattern === 'node:*' ? specifier.startsWith('node:') : specifier === pattern;
}

/** Circles of imports, types included; each is named once, by its files in order. */
export function circles(house: House): string[] {
  const byPath = new Map(house.map((module) => [module.path, module]));
  const found = new Map<string, string>();
  const finished = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const circle = trail.slice(start);
      found.set(circle.toSorted().join(), [...circle, path].join(' -> '));
      return;
    }
    if (finished.has(path)) return;
    for (const imported of byPath.get(path)?.imports ?? []) {
      if (imported.file !== undefined) walk(imported.file, [...trail, path]);
    }
    finished.add(path);
  };
  for (const { path } of house) walk(path, []);
  return [...found.values()];
}

/** `export *` and default exports: what a door gives must be readable line by line. */
export function unnamedExports(house: House): string[] {
  return house.flatMap((module) =>
    module.tree.statements.flatMap((statement) => {
      if (ts.isExportAssignment(statement)) return [`${module.path}: a default export`];
      if (ts.isExportDeclaration(statement) && !isNamed(statement)) {
        return [`${module.path}: export *`];
      }
      const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
      const isDefault = modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);
      return isDefault ? [`${module.path}: a default export`] : [];
    }),
  );
}

function isNamed(statement: ts.ExportDeclaration): boolean {
  if (statement.exportClause === undefined || !ts.isNamedExports(statement.exportClause)) {
    return false;
  }
  return statement.exportClause.elements.every((element) => element.name.text !== 'default');
}

/** The package `cache-manager` has its name already. */
const forbiddenName = /(^|[-.])(utils?|helpers?|manager|impl)([-.]|$)/;

/** Size, name and opening of each file. */
export function untidyFiles(house: House, maxLines: number): string[] {
  return house.flatMap(({ path, text }) => {
    const faults: string[] = [];
    const lines = text.trimEnd().split('\n').length;
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (lines > maxLines) faults.push(`${path}: ${lines} lines, ${maxLines} are allowed`);
    if (!/^[a-z0-9]+([-.][a-z0-9]+)*\.ts$/.test(name)) faults.push(`${path}: not kebab-case`);
    if (forbiddenName.test(name.replace('cache-manager', '')))
      faults.push(`${path}: a name that says nothing`);
    if (!text.replace(/^#!.*\n/, '').startsWith('/**'))
      faults.push(`${path}: does not open with what it promises`);
    return faults;
  });
}

const timers = new Set(['setTimeout', 'setInterval', 'setImmediate']);

/** Timers of Node outside the clock: everything that waits asks the port, so tests hold time. */
export function looseTimers(house: House, clocks: readonly string[]): string[] {
  return house
    .filter((module) => !clocks.includes(module.path))
    .flatMap((module) => timerCalls(module).map((name) => `${module.path}: calls ${name}`));
}

function timerCalls(module: SourceModule): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const name = node.expression.getText(module.tree).replace(/^globalThis\./, '');
      if (timers.has(name)) found.push(name);
    }
    ts.forEachChild(node, visit);
  };
  visit(module.tree);
  return found;
}
