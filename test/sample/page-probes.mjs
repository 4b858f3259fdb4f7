/**
 * Functions that run inside the page, each with all that it needs: what they return is what a
 * person with weak eyes, a small screen or a screen reader would stumble over.
 */

/** Texts with less contrast than WCAG asks of small text (4.5 to 1), in their own words. */
export function unreadableTexts() {
  const parse = (text) => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return [r, g, b, a];
  };
  const over = (top, under) => {
    const mixed = [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3]));
    return [...mixed, 1];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((channel) => {
      const share = channel / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (node) => {
    if (node === null) return [255, 255, 255, 1];
    const colour = parse(getComputedStyle(node).backgroundColor);
    return colour[3] === 1 ? colour : over(colour, backgroundOf(node.parentElement));
  };
  const opacityOf = (node) =>
    node === null ? 1 : Number(getComputedStyle(node).opacity) * opacityOf(node.parentElement);
  const contrastOf = (node) => {
    const under = backgroundOf(node);
    const [r, g, b, a] = parse(getComputedStyle(node).color);
    const lights = [luminance(over([r, g, b, a * opacityOf(node)], under)), luminance(under)];
    return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
  };
  const holdsText = (node) =>
    [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== '');
  return [...document.querySelectorAll('body *')]
    .filter((node) => node.checkVisibility() && (holdsText(node) || node.matches('input')))
    .filter((node) => contrastOf(node) < 4.5)
    .map((node) => `${contrastOf(node).toFixed(2)}: ${node.className} "${node.textContent}"`);
}

/** Controls that a screen reader could only call "button" or "edit". */
export function namelessControls() {
  const nameOf = (node) =>
    [node.getAttribute('aria-label'), node.textContent, ...[...(node.labels ?? [])].map(textOf)]
      .join('')
      .trim();
  const textOf = (node) => node.textContent;
  return [...document.querySelectorAll('input, button, summary, a')]
    .filter((node) => nameOf(node) === '')
    .map((node) => node.outerHTML);
}

/** By how many pixels the content is wider than the window. */
export function overflowPx() {
  return Math.max(0, document.documentElement.scrollWidth - window.innerWidth);
}
