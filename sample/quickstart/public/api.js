/** The page's side of the app's API. The person travels in a header, and in a cookie for links. */

/** The person as the app's context resolver reads it. Percent-encoded: headers are ASCII. */
function encode(shopper) {
  return encodeURIComponent(JSON.stringify(shopper));
}

async function getJson(path, shopper) {
  const headers = shopper === undefined ? {} : { 'x-shopper': encode(shopper) };
  const response = await fetch(path, { headers, cache: 'no-store' });
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
  return response.json();
}

export const fetchPeople = () => getJson('/api/people');
export const fetchRoutes = () => getJson('/api/routes');
export const fetchFlags = (shopper) => getJson('/api/flags', shopper);

/** Lets a route that is opened in another tab see the same person. */
export function rememberShopper(shopper) {
  document.cookie = `shopper=${encode(shopper)}; path=/; SameSite=Strict`;
}

/** Calls a route of the shop as this person and tells how it ended. */
export async function callRoute(path, shopper) {
  const headers = { 'x-shopper': encode(shopper), accept: 'application/json' };
  const response = await fetch(path, { headers, cache: 'no-store' });
  const redirectedTo = response.redirected ? new URL(response.url).pathname : undefined;
  return { status: response.status, redirectedTo, body: await response.json() };
}

/** Listens to the app. The browser reconnects by itself when the connection is lost. */
export function listen({ onUpdate, onConnected, onLost }) {
  const events = new EventSource('/api/events');
  events.addEventListener('open', onConnected);
  events.addEventListener('error', onLost);
  events.addEventListener('update', (event) => onUpdate(JSON.parse(event.data)));
}
