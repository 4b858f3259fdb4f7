import { Controller, Get, Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FeatureFlag, FlagVariant } from '../../lib/index.js';
import { definitionsOf, on } from '../support/flag-definitions.js';
import { closeApps, startApp } from './platforms.js';

@FeatureFlag('whole-shop')
@Controller()
class Shop {
  @FeatureFlag('new-chekout')
  @Get('checkout')
  checkout() {
    return 'checkout';
  }

  @FeatureFlag('gone', { whenUnresolved: 'allow' })
  @Get('open')
  open() {
    return 'open';
  }

  @FeatureFlag({ any: ['new-checkout', 'gone-too'] })
  @Get('either')
  either(@FlagVariant('price') prices: string) {
    return prices;
  }
}

const context = () => ({ distinctId: 'ada' });

afterEach(closeApps);

describe('a route that names a flag which does not exist', () => {
  it('is told once: where, why, what it means and what to do', async () => {
    const { log, http, flags } = await startApp('Express', {
      controllers: [Shop],
      definitions: definitionsOf(on('new-checkout'), on('prices')),
      options: { context },
    });
    const said = [
      'Shop asks for the flag "whole-shop": there is no such flag among the 2 of the test. ' +
        'Nobody passes: everybody gets what the route says otherwise, by default 404. Correct the key, or create the flag: it is seen at the next refresh.',
      'Shop.checkout asks for the flag "new-chekout": there is no such flag among the 2 of the test. Did you mean "new-checkout"? ' +
        'Nobody passes: everybody gets what the route says otherwise, by default 404. Correct the key, or create the flag: it is seen at the next refresh.',
      'Shop.open asks for the flag "gone": there is no such flag among the 2 of the test. ' +
        "The route is open to everybody (whenUnresolved: 'allow'). Correct the key, or create the flag: it is seen at the next refresh.",
      'Shop.either asks for the flag "gone-too": there is no such flag among the 2 of the test. ' +
        'Where the expression of the route depends on it, it is undecided, and what is undecided does not pass. Correct the key, or create the flag: it is seen at the next refresh.',
      'Shop.either asks for the flag "price": there is no such flag among the 2 of the test. Did you mean "prices"? ' +
        'The parameter is false or undefined for everybody. Correct the key, or create the flag: it is seen at the next refresh.',
    ];
    expect(log.warned).toEqual(said);
    await http.get('/checkout').expect(404);
    await http.get('/checkout').expect(404);
    await flags.refresh();
    expect(log.warned).toEqual(said);
  });

  it('is told again when the flag has been there and was deleted', async () => {
    @Controller()
    class OneRoute {
      @FeatureFlag('a')
      @Get()
      get() {
        return 'x';
      }
    }
    const { log, source, flags } = await startApp('Express', {
      controllers: [OneRoute],
      definitions: definitionsOf(on('a')),
      options: { context },
    });
    expect(log.warned).toEqual([]);
    source.definitions = definitionsOf(on('b'));
    await flags.refresh();
    source.definitions = definitionsOf(on('b'), on('c'));
    await flags.refresh();
    expect(log.warned).toEqual([expect.stringContaining('OneRoute.get asks for the flag "a"')]);
    source.definitions = definitionsOf(on('a'));
    await flags.refresh();
    source.definitions = definitionsOf();
    await flags.refresh();
    expect(log.warned).toHaveLength(2);
  });

  it('is told as left out, when the option evaluationContexts leaves it out', async () => {
    @Injectable()
    class Handlers {
      @FeatureFlag('a')
      handle() {
        return 'x';
      }
    }
    const { log } = await startApp('Express', {
      providers: [Handlers],
      definitions: definitionsOf({ ...on('a'), evaluation_contexts: ['mobile'] }),
      options: { context, evaluationContexts: ['web'] },
    });
    expect(log.warned).toEqual([
      'Handlers.handle asks for the flag "a": the definitions have it, but the option evaluationContexts leaves it out. ' +
        'Nobody passes: everybody gets what the route says otherwise, by default 404. Give the flag one of these contexts, or widen the option.',
    ]);
  });
});
