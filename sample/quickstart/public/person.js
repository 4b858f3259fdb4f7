/**
 * The person the flags are evaluated for: presets to start from, every property editable.
 * Tells `onChange(shopper)` after each edit.
 */
import { el, icon } from './dom.js';
import { formatValue, parseValue } from './values.js';

const presetsBox = document.getElementById('presets');
const editor = document.getElementById('editor');
editor.addEventListener('submit', (event) => event.preventDefault());
// On a small screen the flags should come first; the fields are one tap away.
document.getElementById('edit').open = matchMedia('(min-width: 900px)').matches;

/** @returns {{ setPeople, setGroupTypes, setShopper }} */
export function personPanel(onChange) {
  const state = { people: [], groupTypes: [], draft: undefined, chosen: undefined };

  const changed = (preset) => {
    state.chosen = preset;
    markChosen();
    onChange(toShopper(state.draft));
  };

  const markChosen = () => {
    for (const button of presetsBox.children) {
      button.setAttribute('aria-pressed', String(button.dataset.id === state.chosen));
    }
  };

  const choose = (person) => {
    state.draft = toDraft(person.shopper);
    renderEditor();
    changed(person.shopper.distinctId);
  };

  const renderPresets = () => {
    presetsBox.replaceChildren(...state.people.map((person) => presetButton(person, choose)));
    markChosen();
  };

  const renderEditor = () => {
    if (state.draft === undefined) return;
    const edited = () => changed(undefined);
    editor.replaceChildren(
      distinctIdField(state.draft, edited),
      propertyTable('Properties', 'property', state.draft.properties, edited, renderEditor),
      ...state.groupTypes.map((type) => groupFields(type, state.draft, edited, renderEditor)),
      el('p', { class: 'hint' }, 'true, 42 and null are read as such, everything else as text.'),
    );
  };

  return {
    setPeople(people) {
      state.people = people;
      renderPresets();
    },
    setGroupTypes(groupTypes) {
      if (groupTypes.join() === state.groupTypes.join()) return;
      state.groupTypes = groupTypes;
      renderEditor();
    },
    setShopper(shopper) {
      const person = state.people.find((one) => one.shopper.distinctId === shopper.distinctId);
      state.draft = toDraft(shopper);
      renderEditor();
      changed(person?.shopper.distinctId);
    },
  };
}

function presetButton(person, choose) {
  const { name, about, shopper } = person;
  return el(
    'button',
    {
      type: 'button',
      class: 'preset',
      'data-id': shopper.distinctId,
      'aria-pressed': 'false',
      on: { click: () => choose(person) },
    },
    el('span', { class: 'avatar', 'aria-hidden': 'true' }, name.slice(0, 1)),
    el('span', { class: 'preset-text' }, el('b', {}, name), el('span', {}, about)),
  );
}

function distinctIdField(draft, edited) {
  const input = el('input', {
    id: 'distinct-id',
    class: 'mono',
    value: draft.distinctId,
    spellcheck: 'false',
    on: {
      input: () => {
        draft.distinctId = input.value;
        edited();
      },
    },
  });
  return el('div', { class: 'field' }, el('label', { for: 'distinct-id' }, 'Distinct id'), input);
}

function groupFields(type, draft, edited, render) {
  const group = (draft.groups[type] ??= { key: '', properties: [] });
  const id = `group-${type}`;
  const input = el('input', {
    id,
    class: 'mono',
    value: group.key,
    placeholder: `no ${type}`,
    spellcheck: 'false',
    on: {
      input: () => {
        group.key = input.value;
        edited();
      },
    },
  });
  const label = `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`;
  return el(
    'fieldset',
    { class: 'group' },
    el('legend', {}, 'Group'),
    el('div', { class: 'field' }, el('label', { for: id }, label), input),
    propertyTable(`${label} properties`, `${type} property`, group.properties, edited, render),
  );
}

/** Rows of name and value. `rows` is edited in place. */
function propertyTable(title, noun, rows, edited, render) {
  const add = () => {
    rows.push({ name: '', text: '' });
    render();
    editor.querySelector(`[data-noun="${CSS.escape(noun)}"] .row:last-of-type input`)?.focus();
  };
  return el(
    'div',
    { class: 'properties', role: 'group', 'aria-label': title, 'data-noun': noun },
    el('div', { class: 'properties-title' }, title),
    ...rows.map((row) => propertyRow(row, noun, rows, edited, render)),
    el(
      'button',
      { type: 'button', class: 'add', on: { click: add } },
      icon('plus'),
      `Add a ${noun}`,
    ),
  );
}

function propertyRow(row, noun, rows, edited, render) {
  const field = (part, label) => {
    const input = el('input', {
      class: `mono ${part}`,
      value: row[part],
      'aria-label': label,
      spellcheck: 'false',
      on: {
        input: () => {
          row[part] = input.value;
          edited();
        },
      },
    });
    return input;
  };
  const remove = () => {
    rows.splice(rows.indexOf(row), 1);
    render();
    edited();
  };
  const name = row.name === '' ? `new ${noun}` : row.name;
  return el(
    'div',
    { class: 'row' },
    field('name', `Name of ${name}`),
    field('text', `Value of ${name}`),
    el(
      'button',
      { type: 'button', class: 'remove', 'aria-label': `Remove ${name}`, on: { click: remove } },
      icon('no'),
    ),
  );
}

const toRows = (properties = {}) =>
  Object.entries(properties).map(([name, value]) => ({ name, text: formatValue(value) }));

const fromRows = (rows) =>
  Object.fromEntries(
    rows
      .filter((row) => row.name.trim() !== '')
      .map((row) => [row.name.trim(), parseValue(row.text)]),
  );

function toDraft(shopper) {
  const groups = {};
  for (const [type, key] of Object.entries(shopper.groups ?? {})) {
    groups[type] = { key, properties: toRows(shopper.groupProperties?.[type]) };
  }
  return { distinctId: shopper.distinctId, properties: toRows(shopper.personProperties), groups };
}

function toShopper(draft) {
  const present = Object.entries(draft.groups).filter(([, group]) => group.key.trim() !== '');
  return {
    distinctId: draft.distinctId,
    personProperties: fromRows(draft.properties),
    groups: Object.fromEntries(present.map(([type, group]) => [type, group.key.trim()])),
    groupProperties: Object.fromEntries(
      present.map(([type, group]) => [type, fromRows(group.properties)]),
    ),
  };
}
