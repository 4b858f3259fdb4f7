/** The list of flags. Rows live as long as their flag, so that what is open stays open. */
import { el, icon } from './dom.js';
import { shortReason, whyBody } from './why.js';

const list = document.getElementById('flag-list');
const note = document.getElementById('flags-note');
const search = document.getElementById('search');
const segments = document.getElementById('segments');

const kinds = [
  ['all', 'All'],
  ['on', 'On'],
  ['off', 'Off'],
  ['unresolved', 'Unresolved'],
];

/** `on`, `off` or `unresolved`. A variant is on. */
export function kindOf({ value, enabled }) {
  if (value === undefined) return 'unresolved';
  return enabled ? 'on' : 'off';
}

export function flagList() {
  const rows = new Map();
  const state = { flags: [], kind: 'all', cohortNames: new Map() };

  const apply = () => {
    const words = search.value.trim().toLowerCase();
    let shown = 0;
    for (const flag of state.flags) {
      const row = rows.get(flag.key);
      const found = `${flag.key} ${flag.name}`.toLowerCase().includes(words);
      row.node.hidden = !found || (state.kind !== 'all' && row.kind !== state.kind);
      if (!row.node.hidden) shown += 1;
    }
    markSegments(state);
    list.classList.toggle('is-empty', shown === 0);
    list.dataset.empty = state.flags.length === 0 ? 'No flags' : 'No flag fits';
  };

  search.addEventListener('input', apply);
  segments.append(
    ...kinds.map(([kind, label]) =>
      el(
        'button',
        {
          type: 'button',
          'data-kind': kind,
          on: {
            click: () => {
              state.kind = kind;
              apply();
            },
          },
        },
        label,
        el('span', { class: 'count' }),
      ),
    ),
  );

  return {
    setFlags(flags) {
      state.flags = flags;
      state.cohortNames = cohortNames(flags);
      const keys = new Set(flags.map((flag) => flag.key));
      for (const [key, row] of rows) {
        if (keys.has(key)) continue;
        row.node.remove();
        rows.delete(key);
      }
      flags.forEach((flag, position) => {
        const row = rows.get(flag.key) ?? newRow(rows, flag.key);
        row.update(flag, state.cohortNames);
        // Move a node only when its place changed: moving closes nothing but loses the focus.
        if (list.children[position] !== row.node) {
          list.insertBefore(row.node, list.children[position] ?? null);
        }
      });
      note.textContent = summaryOf(flags);
      apply();
    },
  };
}

function newRow(rows, key) {
  const row = flagRow();
  rows.set(key, row);
  return row;
}

function flagRow() {
  const keyText = el('span', { class: 'flag-key' });
  const nameText = el('span', { class: 'flag-name' });
  const badge = el('span', { class: 'badge' });
  const reason = el('span', { class: 'reason' });
  const body = el('div', { class: 'flag-body' });
  const node = el(
    'details',
    { class: 'flag' },
    el(
      'summary',
      {},
      icon('chevron'),
      el('span', { class: 'flag-title' }, keyText, nameText),
      el('span', { class: 'flag-value' }, badge, reason),
    ),
    body,
  );
  let seen;
  const row = { node, kind: 'off', update };

  function update(flag, cohortNames) {
    const { evaluation } = flag.explanation;
    row.kind = kindOf(evaluation);
    node.dataset.key = flag.key;
    keyText.textContent = flag.key;
    nameText.textContent = flag.name;
    badge.textContent = badgeText(evaluation);
    badge.dataset.kind = evaluation.variant === undefined ? row.kind : 'variant';
    reason.textContent = shortReason(evaluation);
    const definitionOpen = body.querySelector('.definition')?.open ?? false;
    body.replaceChildren(...whyBody({ ...flag, cohortNames }));
    body.querySelector('.definition').open = definitionOpen;
    const now = JSON.stringify([evaluation.value ?? null, evaluation.payload ?? null]);
    if (seen !== undefined && seen !== now) flash(node);
    seen = now;
  }
  return row;
}

function badgeText({ value }) {
  if (value === undefined) return 'Unresolved';
  if (value === true) return 'On';
  return value === false ? 'Off' : value;
}

/** Draws the eye to a value that moved. Restarting the animation needs a reflow in between. */
function flash(node) {
  node.classList.remove('is-changed');
  void node.offsetWidth;
  node.classList.add('is-changed');
}

function markSegments(state) {
  const counts = { all: state.flags.length, on: 0, off: 0, unresolved: 0 };
  for (const flag of state.flags) counts[kindOf(flag.explanation.evaluation)] += 1;
  for (const button of segments.children) {
    const { kind } = button.dataset;
    button.setAttribute('aria-pressed', String(kind === state.kind));
    button.querySelector('.count').textContent = String(counts[kind]);
  }
}

function summaryOf(flags) {
  if (flags.length === 0) return 'No definitions yet.';
  return 'Open one to see why.';
}

/** PostHog puts the name of a cohort beside each filter that uses it. */
function cohortNames(flags) {
  const names = new Map();
  const filters = flags.flatMap((flag) =>
    (flag.definition.filters?.groups ?? []).flatMap((group) => group.properties ?? []),
  );
  for (const filter of filters) {
    if (filter.type === 'cohort' && filter.cohort_name) {
      names.set(String(filter.value), filter.cohort_name);
    }
  }
  return names;
}
