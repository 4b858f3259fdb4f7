/** The home page: an experiment decides its opening, and one opening has a page of its own. */
import { Controller, Get } from '@nestjs/common';
import { FeatureFlag, type FlagEvaluation, FlagPayload, FlagResult } from 'nestjs-feature-flags';

const plain = { headline: 'Coffee from our harbour to your door', accent: '#7a4b2a' };

@Controller()
export class HomeController {
  @Get('home')
  home(@FlagResult('homepage-hero') hero: FlagEvaluation) {
    // Off, unresolved or held out of the experiment: no payload, and the page as it always was.
    if (hero.payload === undefined) return { opening: 'plain', ...plain };
    return { opening: hero.variant, ...(hero.payload as typeof plain) };
  }

  /** Only for those who see the seasonal opening; everybody else is sent home. */
  @Get('winter')
  @FeatureFlag('homepage-hero', { variant: 'seasonal', otherwise: { redirect: '/home' } })
  winter(@FlagPayload('winter-bundle') bundle: unknown) {
    return { page: 'The winter roast', bundle: bundle ?? null };
  }
}
