/** Every relative link of the pages leads to a file that is there, and to a heading if it names one. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));

function pagesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => join(folder, path));
}

const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...pagesUnder('docs'),
  ...pagesUnder('sample'),
  ...pagesUnder('bench'),
];

/** What is code is no link. */
function prose(markdown: string): string {
  return markdown.replace(/^( *)(```|~~~)[\s\S]*?^\1\2.*$/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Targets within the repository: of links and images, in the text, as references, in HTML. */
function linksIn(markdown: string): string[] {
  const text = prose(markdown);
  const patterns = [
    /\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g,
    /^\[[^\]]+\]: *(\S+)/gm,
    /(?:href|src)="([^"]+)"/g,
  ];
  return patterns
    .flatMap((pattern) => [...text.matchAll(pattern)].map(([, target = '']) => target))
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

/** The anchors of a page's headings, as GitHub names them. */
function anchorsOf(markdown: string): Set<string> {
  const withoutBlocks = markdown.replace(/^( *)(```|~~~)[\s\S]*?^\1\2.*$/gm, '');
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutBlocks.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** What is wrong with a link; undefined when nothing is. */
function faultOf(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? join(root, page) : resolve(root, dirname(page), decodeURI(path));
  if (relative(root, target).startsWith('..')) return `${page}: ${link} leads out of here`;
  if (!existsSync(target)) return `${page}: ${link} is not there`;
  if (anchor === undefined) return undefined;
  const hasHeading =
    statSync(target).isFile() && anchorsOf(readFileSync(target, 'utf8')).has(anchor);
  return hasHeading ? undefined : `${page}: ${link} names no heading`;
}

describe('the links of the pages', () => {
  it.each(pages)('in %s all lead somewhere', (page) => {
    const links = linksIn(readFileSync(join(root, page), 'utf8'));
    const faults = links.map((link) => faultOf(page, link)).filter((fault) => fault !== undefined);
    expect(faults).toEqual([]);
  });

  it('are found, in every folder that has pages', () => {
    const count = pages.flatMap((page) => linksIn(readFileSync(join(root, page), 'utf8'))).length;
    expect(count).toBeGreaterThan(50);
    for (const page of ['docs/adr/README.md', 'sample/fleet/README.md', 'bench/RESULTS.md']) {
      expect(pages).toContain(page);
    }
  });
});

describe('the check above', () => {
  it('sees links of each form, and none in code', () => {
    const page =
      '[a](a.md) ![b](b.png "B") <img src="c.svg">\n\n[d]: d.md\n`[no](e.md)`\n```md\n[no](f.md)\n```\n[web](https://x.example)';
    expect(linksIn(page)).toEqual(['a.md', 'b.png', 'd.md', 'c.svg']);
  });

  it('sees what is not there, a file, a heading, or another repository', () => {
    expect(faultOf('docs/usage.md', 'no-such.md')).toContain('is not there');
    expect(faultOf('docs/usage.md', 'options.md#no-such-heading')).toContain('names no heading');
    expect(faultOf('docs/usage.md', '../../elsewhere.md')).toContain('leads out');
    expect(faultOf('README.md', '#install')).toBeUndefined();
  });

  it('names headings as GitHub does', () => {
    const page = '# A `b`: c, d!\n## Same\n## Same\n```\n# no\n```\n## Höhe × 2';
    expect([...anchorsOf(page)]).toEqual(['a-b-c-d', 'same', 'same-1', 'höhe--2']);
  });
});
