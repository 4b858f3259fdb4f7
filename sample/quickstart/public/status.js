/** The strip in the header and the banner below it: which definitions are in use, and since when. */
import { el } from './dom.js';
import { age } from './values.js';

const strip = document.getElementById('status');
const banner = document.getElementById('banner');
const foot = document.getElementById('foot');

export function statusView() {
  const state = { status: undefined, receivedAtMs: 0, connected: true };

  const render = () => {
    if (state.status === undefined) return;
    strip.replaceChildren(...stripItems(state));
    renderBanner(state);
  };
  setInterval(() => renderAge(state), 1000);

  return {
    setStatus(status) {
      state.status = status;
      state.receivedAtMs = performance.now();
      foot.replaceChildren(...footText(status));
      render();
    },
    setConnected(connected) {
      state.connected = connected;
      render();
    },
  };
}

function stripItems({ status, ...rest }) {
  const [kind, words] = stateOf(status);
  return [
    item('State', el('span', { class: 'badge', 'data-kind': kind }, words)),
    item('Source', el('span', { class: 'mono', title: status.source }, status.sourceLabel)),
    item('Flags', String(status.flagCount)),
    item('Revision', el('span', { class: 'mono' }, status.revision ?? '–')),
    item('Confirmed', el('span', { id: 'age' }, ageText({ status, ...rest }))),
  ];
}

const item = (term, value) => el('div', {}, el('dt', {}, term), el('dd', {}, value));

function stateOf(status) {
  if (!status.ready) return ['unresolved', 'Not ready'];
  return status.problem === undefined ? ['on', 'Up to date'] : ['unresolved', 'Last good flags'];
}

/** The age keeps growing between two messages of the app. */
function ageText({ status, receivedAtMs }) {
  if (status.ageMs === undefined) return 'never';
  return age(status.ageMs + performance.now() - receivedAtMs);
}

function renderAge(state) {
  const node = document.getElementById('age');
  if (node !== null && state.status !== undefined) node.textContent = ageText(state);
}

function renderBanner({ status, connected }) {
  const shown = bannerOf(status, connected);
  const text = shown?.join('\n') ?? '';
  // Writing the same words again would make a screen reader say them again.
  if (banner.dataset.text === text) return;
  banner.dataset.text = text;
  if (shown === undefined) return banner.replaceChildren();
  const [title, message] = shown;
  banner.replaceChildren(el('div', { class: 'banner' }, el('b', {}, title), el('p', {}, message)));
}

function bannerOf(status, connected) {
  if (!connected) {
    return ['The app does not answer', 'What you see is its last answer. Trying again…'];
  }
  if (status.problem === undefined) return undefined;
  const title = status.ready
    ? 'The definitions could not be read: the last good flags stay in use'
    : 'There are no definitions yet: every guarded route refuses';
  return [title, status.problem.message];
}

function footText(status) {
  if (status.mode === 'posthog') {
    return [
      `The definitions come from ${status.source}. Change a flag in PostHog and watch this page.`,
    ];
  }
  return [
    'Edit ',
    el('code', {}, status.source),
    ' and save: this page follows. To read the flags of a PostHog project instead, start the app with ',
    el('code', {}, 'POSTHOG_PROJECT_API_KEY'),
    ' and ',
    el('code', {}, 'POSTHOG_SECRET_KEY'),
    '.',
  ];
}
