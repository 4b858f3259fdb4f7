/** Puts the page together: who, what the flags say, what the shop answers. */
import { fetchFlags, fetchPeople, fetchRoutes, listen, rememberShopper } from './api.js';
import { flagList } from './flags.js';
import { personPanel } from './person.js';
import { shopCards } from './shop.js';
import { statusView } from './status.js';

const TYPING_PAUSE_MS = 200;
const announcer = document.getElementById('announcer');

const flags = flagList();
const cards = shopCards();
const status = statusView();

let shopper;
let shownRevision;
let turn = 0;
let pause;

const person = personPanel((chosen) => {
  shopper = chosen;
  rememberShopper(chosen);
  clearTimeout(pause);
  pause = setTimeout(() => void refresh(), TYPING_PAUSE_MS);
});

/** Asks for everything again; of several answers the last one asked for is shown. */
async function refresh() {
  turn += 1;
  const mine = turn;
  try {
    const answer = await fetchFlags(shopper);
    if (mine !== turn) return;
    person.setGroupTypes(answer.groupTypes);
    flags.setFlags(answer.flags);
    status.setStatus(answer.status);
    status.setConnected(true);
    shownRevision = answer.status.revision;
    await cards.refresh(shopper);
  } catch {
    if (mine === turn) status.setConnected(false);
  }
}

/** The first message after each connection comes at once, so that nothing is missed in between. */
function onUpdate(update) {
  status.setStatus(update.status);
  if (update.status.revision === shownRevision) return;
  if (update.changedFlags?.length > 0) {
    announcer.textContent = `The definitions changed: ${update.changedFlags.join(', ')}`;
  }
  void refresh();
}

const [people, routes] = await Promise.all([fetchPeople(), fetchRoutes()]);
cards.setRoutes(routes);
person.setPeople(people);
person.setShopper(people[0].shopper);
clearTimeout(pause);
await refresh();
listen({
  onUpdate,
  onConnected: () => status.setConnected(true),
  onLost: () => status.setConnected(false),
});
