/** All scripts of one cache, with the clock of the store or, in a test, one that is given. */
import { RedisScript } from './redis-script.js';
import { checkLua } from './scripts/check-lua.js';
import { commonLua, timeOfStoreLua, timeOfTestLua } from './scripts/common-lua.js';
import { finishLua } from './scripts/finish-lua.js';
import { resignLua, leadLua } from './scripts/lease-lua.js';
import { publicationLua } from './scripts/publication-lua.js';
import { confirmLua, headLua, leaveLua, membersLua, publishLua } from './scripts/record-lua.js';

export interface ClaimScripts {
  readonly check: RedisScript;
  readonly finish: RedisScript;
  readonly publish: RedisScript;
  readonly confirm: RedisScript;
  readonly head: RedisScript;
  readonly members: RedisScript;
  readonly leave: RedisScript;
  readonly lead: RedisScript;
  readonly resign: RedisScript;
}

/** @param time where the scripts have it from; `argument` is for the comparison with the model. */
export function claimScripts(time: 'store' | 'argument' = 'store'): ClaimScripts {
  const clock = time === 'store' ? timeOfStoreLua : timeOfTestLua;
  const script = (...parts: readonly string[]): RedisScript =>
    new RedisScript([clock, commonLua, ...parts].join(''));
  return {
    check: script(checkLua),
    finish: script(publicationLua, finishLua),
    publish: script(publicationLua, publishLua),
    confirm: script(confirmLua),
    head: script(headLua),
    members: script(membersLua),
    leave: script(leaveLua),
    lead: script(leadLua),
    resign: script(resignLua),
  };
}
