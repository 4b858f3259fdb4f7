/** The routes of the shop as cards: what each one answers the chosen person, asked for real. */
import { callRoute } from './api.js';
import { el, icon } from './dom.js';

const box = document.getElementById('cards');

export function shopCards() {
  let cards = [];
  let turn = 0;
  return {
    setRoutes(routes) {
      cards = routes.map(routeCard);
      box.replaceChildren(...cards.map((card) => card.node));
    },
    /** Asks every route again. Answers of an earlier turn that come late are dropped. */
    async refresh(shopper) {
      turn += 1;
      const mine = turn;
      await Promise.all(
        cards.map(async (card) => {
          const answer = await answerOf(card.route.path, shopper);
          if (mine === turn) card.show(answer);
        }),
      );
    },
  };
}

async function answerOf(path, shopper) {
  try {
    return await callRoute(path, shopper);
  } catch {
    return undefined;
  }
}

function routeCard(route) {
  const state = el('span', { class: 'badge' });
  const preview = el('span', { class: 'preview' });
  const body = el('pre', { tabindex: '0' });
  const node = el(
    'article',
    { class: 'card', 'data-path': route.path },
    el(
      'div',
      { class: 'card-head' },
      el(
        'a',
        { class: 'card-path', href: route.path, target: '_blank', rel: 'noopener' },
        `GET ${route.path}`,
        icon('open'),
        el('span', { class: 'sr' }, ' (opens in a new tab)'),
      ),
      state,
    ),
    el('p', { class: 'card-about' }, route.about),
    el('code', { class: 'gate' }, route.gate),
    el(
      'details',
      { class: 'answer' },
      el('summary', {}, icon('chevron'), el('span', { class: 'sr' }, 'Answer: '), preview),
      body,
    ),
  );
  return {
    node,
    route,
    show(answer) {
      const [kind, words] = verdictOf(answer);
      state.textContent = words;
      state.dataset.kind = kind;
      node.dataset.kind = kind;
      preview.textContent = answer === undefined ? '' : JSON.stringify(answer.body);
      body.textContent = answer === undefined ? '' : JSON.stringify(answer.body, undefined, 2);
    },
  };
}

function verdictOf(answer) {
  if (answer === undefined) return ['unresolved', 'No answer'];
  if (answer.redirectedTo !== undefined) return ['redirect', `To ${answer.redirectedTo}`];
  if (answer.status === 200) return ['on', 'Served'];
  return ['off', `Refused ${answer.status}`];
}
