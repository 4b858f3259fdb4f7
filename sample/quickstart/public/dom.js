/**
 * Builds nodes. Whatever comes in as a child goes out as text: names, descriptions and values of
 * flags are input, and nothing on this page is ever parsed as HTML.
 */

/**
 * `el('p', { class: 'note', on: { click } }, 'text', node)`. A property that is `undefined`,
 * `null` or `false` is left out, and so is such a child; `vars` sets CSS custom properties.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProperty(node, name, value);
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
}

function setProperty(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === 'on') {
    for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  } else if (name === 'vars') {
    for (const [key, text] of Object.entries(value)) node.style.setProperty(`--${key}`, text);
  } else if (name === 'value') {
    node.value = value;
  } else {
    node.setAttribute(name, value === true ? '' : String(value));
  }
}

const SVG = 'http://www.w3.org/2000/svg';

const paths = {
  yes: 'M3.5 8.5l3 3 6-7',
  no: 'M4.5 4.5l7 7m0-7l-7 7',
  unknown: 'M5.8 6a2.3 2.3 0 1 1 3.3 2.1c-.8.4-1.1.8-1.1 1.6M8 12.2v.1',
  skipped: 'M4 8h8',
  chevron: 'M6 4l4 4-4 4',
  open: 'M9 3h4v4M13 3L7.5 8.5M11 9v3.5H3.5V5H7',
  plus: 'M8 3.5v9M3.5 8h9',
};

/** A small line icon, decorative: the words beside it say the same. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}
